"""``GET /v1/runs/{run_id}``: what a run was decided to be, and whether today's answer is another one."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import Recorded, find_business_key
from usage_ledger.adapters.postgres.workspace_events import run_decided
from usage_ledger.appending.digest import digest16
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.mode_question import WAIT_FOR, ModeFound, find_mode
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.recorded_event import Actor
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource
from usage_ledger.workspaces.events import ProvisionDecided
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.provisioning import RunAnswer, run_answer
from usage_ledger.workspaces.run_decision import RUN, read_run_decision

QUERY: Final = (WAIT_FOR,)


class ResolvedToday(msgspec.Struct, frozen=True):
    """What the rules answer now, for the workspace of the run."""

    resolved_mode: BillingMode
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None


class RunDecisionAnswer(RunAnswer, frozen=True):
    """The frozen decision, whatever happened since; ``version`` is the workspace's today.

    ``restart_pending``: it is the workspace's current run, and a restart now would be another mode or provider.
    """

    event_id: str
    decided_at: str
    actor: Actor
    is_current: bool
    restart_pending: bool
    today: ResolvedToday
    as_of: AsOfAnswer


async def run_decision(request: Request) -> Response:
    reading = await begin_reading(request, "billing_mode", QUERY)
    run_id = reading.path_id("run_id")
    async with reading.snapshot() as connection:
        workspace_id = await _workspace_of(reading, connection, run_id)
        reading.caller.require_reach(None, workspace_id)
        found = await find_mode(reading, connection, workspace_id)
        decided = await run_decided(connection, reading.shard, reading.tenant, workspace_id, run_id)
    return json_response(encode(_answer(found, decided)))


async def _workspace_of(reading: Reading, connection: AsyncConnection[Any], run_id: str) -> str:
    claimed = await find_business_key(connection, digest16(reading.tenant, RUN, run_id))
    if claimed is None:
        raise Problem("run_not_found", f"no run {run_id} was decided")
    return read_run_decision(claimed).workspace_id


def _answer(found: ModeFound, decision: tuple[Recorded, ProvisionDecided]) -> RunDecisionAnswer:
    (event, decided), answered = decision, found.answered
    workspace, judged = answered.sources.workspace, answered.judged
    current = workspace.current_run
    is_current = current is not None and current.run_id == decided.run_id
    return RunDecisionAnswer(
        **msgspec.structs.asdict(run_answer(decided, workspace.version)),
        event_id=str(UUID(bytes=event.envelope.event_id)),
        decided_at=format_micros(event.envelope.recorded_at),
        actor=event.envelope.actor,
        is_current=is_current,
        restart_pending=is_current and "RESTART_PENDING" in judged.reported(current).states,
        today=_today(judged),
        as_of=found.as_of,
    )


def _today(judged: Judged) -> ResolvedToday:
    resolved = judged.resolved
    return ResolvedToday(
        resolved.mode,
        resolved.source,
        resolved.provider,
        resolved.how,
        resolved.policy,
        resolved.registry_version,
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/runs/{run_id}",
    name="GetRun",
    tag="workspaces",
    summary="What a run was decided to be, what the rules answer today, and whether a restart is pending",
    handle=run_decision,
    answers=(RunDecisionAnswer,),
    refusals=(*READ_REFUSALS, "run_not_found", "workspace_not_found", "wrong_shard"),
    query=QUERY,
)
