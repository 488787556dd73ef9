"""``GET /v1/workspaces/{id}/billing-mode``: the resolver's answer from facts: now, then, or by other rules."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.billing_mode import BillingModeAnswer, billing_mode_answer
from usage_ledger.entrypoints.http.mode_question import AS_OF, KNOWN_AT, POLICY, REGISTRY, WAIT_FOR, find_mode
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route

QUERY: Final = (AS_OF, KNOWN_AT, POLICY, REGISTRY, WAIT_FOR)


async def billing_mode(request: Request) -> Response:
    reading = await begin_reading(request, "billing_mode", QUERY)
    workspace_id = reading.path_id("workspace_id")
    reading.caller.require_reach(None, workspace_id)
    async with reading.snapshot() as connection:
        found = await find_mode(reading, connection, workspace_id)
    return json_response(encode(billing_mode_answer(found)))


ROUTE: Final = Route(
    method="GET",
    path="/v1/workspaces/{workspace_id}/billing-mode",
    name="GetBillingMode",
    tag="workspaces",
    summary="Who pays, and why: now, as of then, or by another policy or registry",
    handle=billing_mode,
    answers=(BillingModeAnswer,),
    refusals=(*READ_REFUSALS, "workspace_not_found", "registry_not_found", "unknown_policy", "wrong_shard"),
    query=QUERY,
)
