"""Runs: what one start of a workspace is, decided once (billing-mode 8, 10)."""

from __future__ import annotations

from typing import Final, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write, receive, respond, submit
from usage_ledger.workspaces.commands import DecideProvision
from usage_ledger.workspaces.provisioning import RunAnswer
from usage_ledger.workspaces.resolver.provision import GateCode

DECIDE: Final = Write(
    "POST",
    "/v1/workspaces/{workspace_id}/runs",
    "Decide what a run is, once and for ever",
    (DecideProvision,),
    body_of(DecideProvision, without=("workspace_id",), names_tenant=True),
    command_from_body(DecideProvision),
    RunAnswer,
    201,
    ("workspace_not_found", "run_already_decided", *get_args(GateCode)),
    repeatable=True,
)

_decoder: Final = msgspec.json.Decoder(DECIDE.body)


async def decide(request: Request) -> Response:
    """A gateway key, which speaks for many, says whose run it is."""
    received = await receive(request, DECIDE, _decoder)
    tenant = received.caller.tenant_named(received.body.tenant)
    command = DECIDE.to_command(received.body, received.path_ids)
    return respond(DECIDE, await submit(received, command, tenant))
