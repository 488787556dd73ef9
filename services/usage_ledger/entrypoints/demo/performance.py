"""The demo itself: the trace goes through the ledger, one workspace changes its mode, then the views are asked."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from usage_ledger.entrypoints.demo.catching_up import wait_for_views
from usage_ledger.entrypoints.demo.hostile import HostileOutcome, send_hostile_items
from usage_ledger.entrypoints.demo.limit import LimitOutcome, run_into_the_limit
from usage_ledger.entrypoints.demo.players import Players
from usage_ledger.entrypoints.demo.price_list import LIST_PRICES
from usage_ledger.entrypoints.demo.rehearsal import Rehearsal, rehearse_policy
from usage_ledger.entrypoints.demo.scene import Scene
from usage_ledger.entrypoints.demo.survey import Survey, survey
from usage_ledger.entrypoints.demo.view_figures import ViewFigures, read_view_figures
from usage_ledger.gateway.delivery import Delivery
from usage_ledger.gateway.publisher import Pace, publish
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.gateway.tally import Tally
from usage_ledger.gateway.trace import TraceRow, read_trace
from usage_ledger.gateway.trace_items import Assignment, Model, trace_item

MODELS: Final = tuple(Model(price.model, price.provider) for price in LIST_PRICES)
_PACE: Final = Pace(batch_items=100)


class ModeChange(NamedTuple):
    """What the service answered to a change of billing mode: the resolution before and after."""

    before: str
    after: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that happened. ``seconds`` is the trace's calls, ``visible_s`` from the last answer to the views.

    ``explained`` is one charge as the service explains it, None for a trace without calls that were booked.
    """

    scene: Scene
    survey: Survey
    tally: Tally
    seconds: float
    changes: list[ModeChange]
    rehearsal: Rehearsal
    hostile: HostileOutcome
    limit: LimitOutcome
    visible_s: float
    has_caught_up: bool
    views: ViewFigures
    explained: dict[str, Any] | None


def rows_of(trace: Path) -> Iterator[TraceRow]:
    """The trace's calls, read as they are needed. Raises SourceInvalid."""
    with trace.open(encoding="utf-8-sig", newline="") as lines:
        yield from read_trace(lines)


def survey_of(trace: Path) -> Survey:
    """Raises SourceInvalid: nothing is started for a trace that is broken anywhere."""
    return survey(rows_of(trace))


def perform(players: Players, scene: Scene, trace: Path, found: Survey, on_answered: Callable[[int], None]) -> Outcome:
    """Plays it. ``on_answered`` is told how many calls were answered. Raises RequestRefused, DependencyUnreachable."""
    tally, began = Tally(), time.monotonic()
    changes, rehearsal = _publish_with_a_change(players, scene, rows_of(trace), found.rows, tally, on_answered)
    seconds = time.monotonic() - began
    limit = run_into_the_limit(players, scene)
    hostile = send_hostile_items(players.gateway, scene)
    answered_at = time.monotonic()
    has_caught_up = wait_for_views(players.admin, hostile.position)
    return Outcome(
        scene=scene,
        survey=found,
        tally=tally,
        seconds=seconds,
        changes=changes,
        rehearsal=rehearsal,
        hostile=hostile,
        limit=limit,
        visible_s=time.monotonic() - answered_at,
        has_caught_up=has_caught_up,
        views=read_view_figures(players.reader_dsn, scene),
        explained=_explain_first(players.admin, trace),
    )


def _publish_with_a_change(
    players: Players,
    scene: Scene,
    rows: Iterator[TraceRow],
    count: int,
    tally: Tally,
    on_answered: Callable[[int], None],
) -> tuple[list[ModeChange], Rehearsal]:
    """Half of the calls, a quarter while the first workspace is byok, and the rest."""
    delivery = Delivery(players.gateway, tally)
    assignment = Assignment(scene.workspaces, MODELS, scene.tenant)

    def send(calls: int) -> None:
        items = (trace_item(row, assignment, datetime.now(UTC)) for row in islice(rows, calls))
        publish(items, delivery, _PACE, lambda batch: on_answered(len(batch)))

    first, second = _halves(count)
    changed = second // 2
    send(first)
    own_choice = players.admin.read(_mode_path(scene))["workspace_override"]
    to_byok = _change_mode(players.admin, scene, "byok", "half-way, the team brings its own key")
    send(changed)
    rehearsal = rehearse_policy(players.admin, scene)
    back = _change_mode(players.admin, scene, own_choice, "the team's key ran out")
    send(second - changed)
    return [to_byok, back], rehearsal


def _halves(count: int) -> tuple[int, int]:
    """The first has one more if they cannot be equal, so that a lone call is paid for."""
    return count - count // 2, count // 2


def _mode_path(scene: Scene) -> str:
    return f"/v1/workspaces/{scene.protagonist}/billing-mode"


def _change_mode(admin: LedgerService, scene: Scene, mode: str | None, reason: str) -> ModeChange:
    """None clears the workspace's own choice, so that the deployment's rules decide again."""
    answer = admin.write("PUT", _mode_path(scene), {"mode": mode, "reason": reason})
    return ModeChange(answer["previous_mode"], answer["resolved_mode"], answer["source"])


def _explain_first(admin: LedgerService, trace: Path) -> dict[str, Any] | None:
    """The trace's first call; it comes before any change of mode."""
    for row in islice(rows_of(trace), 1):
        try:
            return admin.read(f"/v1/usage/{row.attempt_id}")
        except RequestRefused:
            return None
    return None
