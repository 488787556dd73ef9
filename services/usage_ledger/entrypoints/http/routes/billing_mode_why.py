"""``GET /v1/workspaces/{id}/billing-mode/why``: today's mode, what was looked at, and the fact that made it so."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.billing_mode import BillingModeAnswer, billing_mode_members
from usage_ledger.entrypoints.http.mode_question import WAIT_FOR, ModeFound, find_mode
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.workspaces.events import SeenInput
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.seen_inputs import seen_inputs

QUERY: Final = (WAIT_FOR,)


class WhyAnswer(BillingModeAnswer, frozen=True):
    """``failed_gates`` would refuse a run now, the first of them by its code; ``provision_outcome`` is null then.

    ``current_run`` is the run that was decided last, null before the first.
    """

    inputs: tuple[SeenInput, ...]
    provision_outcome: str | None
    failed_gates: tuple[str, ...]
    current_run: str | None


async def billing_mode_why(request: Request) -> Response:
    reading = await begin_reading(request, "billing_mode", QUERY)
    workspace_id = reading.path_id("workspace_id")
    reading.caller.require_reach(None, workspace_id)
    async with reading.snapshot() as connection:
        found = await find_mode(reading, connection, workspace_id)
    return json_response(encode(_why(found)))


def _why(found: ModeFound) -> WhyAnswer:
    judged, run = found.answered.judged, found.answered.sources.workspace.current_run
    start = provision(judged.facts, judged.registry, judged.policy)
    return WhyAnswer(
        **billing_mode_members(found),
        inputs=seen_inputs(judged.facts),
        provision_outcome=start.outcome,
        failed_gates=() if start.code is None else (start.code, *start.also),
        current_run=run.run_id if run else None,
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/workspaces/{workspace_id}/billing-mode/why",
    name="ExplainBillingMode",
    tag="workspaces",
    summary="Who pays today, everything that was looked at, and the fact that last changed it",
    handle=billing_mode_why,
    answers=(WhyAnswer,),
    refusals=(*READ_REFUSALS, "workspace_not_found", "wrong_shard"),
    query=QUERY,
)
