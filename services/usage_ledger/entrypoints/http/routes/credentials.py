"""Which credentials are stored for a workspace or its organization: by name and keyed digest, never by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.command_bodies import NoBody, body_of, command_from_body
from usage_ledger.entrypoints.http.credential_bodies import without_values
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.route import Handle, Query, write_route
from usage_ledger.entrypoints.http.writes import Write, receive, respond, submit
from usage_ledger.workspaces.answer import WorkspaceAnswer
from usage_ledger.workspaces.commands import AddCredentialName, RemoveCredentialName

_REFUSALS: Final = (
    "workspace_not_found",
    "version_conflict",
    "credential_value_not_accepted",
    "credentials_unreadable",
)


def _remove_command(_: NoBody, given: Mapping[str, Any]) -> RemoveCredentialName:
    try:
        return msgspec.convert(given, RemoveCredentialName, strict=False)
    except msgspec.ValidationError:
        detail = "scope is workspace or tenant, expected_version a number"
        raise InvalidRequest("invalid_value", detail) from None


ADD: Final = Write(
    "POST",
    "/v1/workspaces/{workspace_id}/credentials",
    "Say that a credential is stored under a name",
    (AddCredentialName,),
    body_of(AddCredentialName, without=("workspace_id",)),
    command_from_body(AddCredentialName),
    WorkspaceAnswer,
    201,
    (
        *_REFUSALS,
        *("missing_fingerprint", "too_many_credential_names"),
        *("reserved_credential_name", "vendor_key_refused", "platform_model_blocks_vendor_key"),
    ),
)

REMOVE: Final = Write(
    "DELETE",
    "/v1/workspaces/{workspace_id}/credentials/{name}",
    "Say that no credential is stored under a name any more",
    (RemoveCredentialName,),
    NoBody,
    _remove_command,
    WorkspaceAnswer,
    200,
    _REFUSALS,
    may_be_empty=True,
    query_ids=("scope", "expected_version"),
)


def _handler(write: Write) -> Handle:
    decoder = msgspec.json.Decoder(write.body)

    async def handle(request: Request) -> Response:
        received = await receive(request, write, decoder)
        command: Any = write.to_command(received.body, received.path_ids)
        if command.scope == "tenant":
            # What the organization stores is every workspace's.
            received.caller.require_reach()
        return respond(write, await submit(received, command, received.caller.tenant))

    return without_values(handle)


ROUTES: Final = (
    write_route(ADD, "workspaces", _handler(ADD)),
    write_route(REMOVE, "workspaces", _handler(REMOVE))._replace(
        query=(
            Query("scope", "workspace, or tenant for what the organization stores"),
            Query("expected_version", "of the workspace"),
        )
    ),
)
