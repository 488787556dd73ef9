"""``GET /v1/workspaces/{id}/billing``: who pays, what was spent and used, from the views."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.view_reading import WAIT_FOR, await_position
from usage_ledger.entrypoints.http.workspace_billing_answer import workspace_billing_answer
from usage_ledger_views.workspace_billing.queries import read_workspace_billing

QUERY: Final = (WAIT_FOR,)


async def workspace_billing(request: Request) -> Response:
    reading = await begin_reading(request, "workspace_billing", QUERY)
    workspace_id = reading.path_id("workspace_id")
    reading.caller.require_reach(reading.caller.key.account_id, workspace_id)
    await await_position(reading)
    today = datetime.fromtimestamp(reading.door.clock.now() // 1_000_000, UTC).date()
    async with reading.snapshot() as connection:
        billing = await read_workspace_billing(connection, reading.shard, reading.tenant, workspace_id, today)
    if billing is None:
        raise Problem("workspace_not_found", f"the views know no workspace {workspace_id}")
    # A key restricted to an account sees the workspaces that this account pays for.
    reading.caller.require_reach(billing.workspace.payer, workspace_id)
    return json_response(encode(workspace_billing_answer(billing)))
