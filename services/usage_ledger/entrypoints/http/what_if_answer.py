"""What a what-if answers: whose mode would be another one, and counts over all workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from usage_ledger.adapters.postgres.what_if_run import FlipFound, WhatIfRun
from usage_ledger.adapters.postgres.workspace_survey import Standing
from usage_ledger.entrypoints.http.as_of import AsOfShards
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource


class FlipAnswer(msgspec.Struct, frozen=True):
    """A workspace whose mode would be another one; ``failed_gates`` would refuse its next run."""

    tenant: str
    workspace_id: str
    from_: BillingMode = msgspec.field(name="from")
    to: BillingMode
    direction: str
    from_source: ModeSource
    to_source: ModeSource
    provider_selection: str | None
    failed_gates: tuple[str, ...]


class WhatIfTotals(msgspec.Struct, frozen=True):
    """Counts: flips by direction; gates that would refuse a run, by code, beside those of today.

    ``platform_cost_starts``: workspaces that the platform would pay for, and does not today. ``unreadable`` ones have
    an event that cannot be read, and are in no other count.
    """

    flips_total: int
    directions: dict[str, int]
    failed_gates: dict[str, int]
    failed_gates_today: dict[str, int]
    failing_workspaces: int
    platform_cost_starts: int
    workspaces: int
    unreadable: int
    as_of: AsOfShards


class WhatIfAnswer(WhatIfTotals, frozen=True):
    """``flips`` are the first ones; ``truncated``: there are more, and NDJSON has them all."""

    flips: list[FlipAnswer]
    truncated: bool


class FlipLine(FlipAnswer, frozen=True, tag_field="kind", tag="flip"):
    """A line of NDJSON."""


class ProgressLine(msgspec.Struct, frozen=True, tag_field="kind", tag="progress"):
    """How far it is: of ``expected`` workspaces, with so many flips so far."""

    workspaces: int
    expected: int
    flips: int


class AnswerLine(WhatIfTotals, frozen=True, tag_field="kind", tag="answer"):
    """The last line: without it something is missing."""


class ProblemLine(msgspec.Struct, frozen=True, tag_field="kind", tag="problem"):
    """The last line of an answer that could not be finished."""

    code: str
    detail: str


LINES = (FlipLine, ProgressLine, AnswerLine, ProblemLine)


def flip_answer(found: FlipFound) -> FlipAnswer:
    return FlipAnswer(*_members(found))


def flip_line(found: FlipFound) -> FlipLine:
    return FlipLine(*_members(found))


def progress_line(run: WhatIfRun) -> ProgressLine:
    return ProgressLine(run.summary.workspaces, run.expected, run.summary.directions.total())


def answer_line(run: WhatIfRun) -> AnswerLine:
    return AnswerLine(**_totals(run))


def what_if_answer(run: WhatIfRun, flips: list[FlipAnswer]) -> WhatIfAnswer:
    totals = _totals(run)
    return WhatIfAnswer(**totals, flips=flips, truncated=len(flips) < run.summary.directions.total())


def _members(found: FlipFound) -> tuple[Any, ...]:
    today, then = found.answer.today.resolved, found.answer.then
    mode = then.resolved.mode
    return (
        found.tenant,
        found.workspace_id,
        today.mode,
        mode,
        f"{today.mode}_to_{mode}",
        today.source,
        then.resolved.source,
        then.resolved.provider,
        then.failed_gates,
    )


def _totals(run: WhatIfRun) -> dict[str, Any]:
    summary = run.summary
    return {
        "flips_total": summary.directions.total(),
        "directions": dict(sorted(summary.directions.items())),
        "failed_gates": dict(sorted(summary.failed_gates.items())),
        "failed_gates_today": dict(sorted(summary.failed_gates_today.items())),
        "failing_workspaces": summary.failing_workspaces,
        "platform_cost_starts": summary.platform_cost_starts,
        "workspaces": summary.workspaces,
        "unreadable": run.unreadable,
        "as_of": _as_of(run.instant, run.standings),
    }


def _as_of(instant: int, standings: Sequence[Standing]) -> AsOfShards:
    positions = [str(Position(standing.shard, standing.position)) for standing in standings]
    at = format_micros(instant)
    return AsOfShards(at, position=positions[0]) if len(positions) == 1 else AsOfShards(at, positions=positions)
