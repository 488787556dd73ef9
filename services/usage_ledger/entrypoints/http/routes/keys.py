"""Service keys. The secret is made here, shown once, and neither stored nor logged anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.authentication import Caller
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.service_key import NewKey, key_with_new_secret, new_key
from usage_ledger.entrypoints.http.writes import Write, receive, respond, submit
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Outcome

_MADE_HERE: Final = ("key_id", "secret_hash", "prefix")


class IssuedKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """``secret`` is the whole key to send as a bearer token; a replay answers without it."""

    key_id: str
    prefix: str
    secret: str | None = None


class RevokeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A leaked key must go at once, so a reason is welcome and not required."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)] = "revoked"


def revoke_command(body: RevokeBody, path_ids: Mapping[str, str]) -> RevokeServiceKey:
    return RevokeServiceKey(path_ids["key_id"], body.reason)


ISSUE: Final = Write(
    "POST",
    "/v1/keys",
    "Issue a service key",
    (IssueServiceKey,),
    body_of(IssueServiceKey, without=_MADE_HERE, instants=("expires_at",)),
    command_from_body(IssueServiceKey),
    IssuedKey,
    201,
    ("key_scope", "expires_in_past", "account_not_found", "workspace_not_found"),
)

ROTATE: Final = Write(
    "POST",
    "/v1/keys/{key_id}/rotate",
    "Give a service key a new secret; the old one may go on for a while",
    (RotateServiceKey,),
    body_of(RotateServiceKey, without=_MADE_HERE, instants=("old_valid_until",)),
    command_from_body(RotateServiceKey),
    IssuedKey,
    201,
    ("key_not_found", "already_revoked", "already_expired", "expires_in_past"),
    may_be_empty=True,
)

REVOKE: Final = Write(
    "POST",
    "/v1/keys/{key_id}/revoke",
    "Revoke a service key",
    (RevokeServiceKey,),
    RevokeBody,
    revoke_command,
    IssuedKey,
    200,
    ("key_not_found",),
    may_be_empty=True,
)

_issue_decoder: Final = msgspec.json.Decoder(ISSUE.body)
_rotate_decoder: Final = msgspec.json.Decoder(ROTATE.body)
_revoke_decoder: Final = msgspec.json.Decoder(REVOKE.body)


async def issue_key(request: Request) -> Response:
    received = await receive(request, ISSUE, _issue_decoder)
    key = new_key()
    outcome = await submit(received, _command(key, received.body), received.caller.tenant)
    return respond(ISSUE, outcome, _secret_once(key, outcome))


async def rotate_key(request: Request) -> Response:
    received = await receive(request, ROTATE, _rotate_decoder)
    key_id = received.path_ids["key_id"]
    tenant = await _tenant_of_key(received.door, received.caller, key_id)
    key = key_with_new_secret(key_id)
    command = ROTATE.to_command(received.body, {"key_id": key_id, "secret_hash": key.secret_hash})
    outcome = await submit(received, command, tenant)
    received.door.keys.forget(key_id)
    return respond(ROTATE, outcome, _secret_once(key, outcome))


async def revoke_key(request: Request) -> Response:
    received = await receive(request, REVOKE, _revoke_decoder)
    command = revoke_command(received.body, received.path_ids)
    tenant = await _tenant_of_key(received.door, received.caller, command.key_id)
    response = respond(REVOKE, await submit(received, command, tenant))
    received.door.keys.forget(command.key_id)
    return response


def _secret_once(key: NewKey, outcome: Outcome) -> dict[str, str]:
    """A replay answers the first answer, whose secret was shown then; the one made just now belongs to no key."""
    return {} if outcome.replayed else {"secret": key.text}


def _command(key: NewKey, body: Any) -> msgspec.Struct:
    made = {"key_id": key.key_id, "secret_hash": key.secret_hash, "prefix": key.prefix}
    return ISSUE.to_command(body, made)


async def _tenant_of_key(door: Door, caller: Caller, key_id: str) -> str:
    """An admin who names no tenant reaches every key: whoever finds a leaked one need not know whose it is."""
    key = await door.register.find(key_id)
    if key is None or caller.tenant not in (PLATFORM, key.tenant):
        raise Problem("key_not_found", f"key {key_id} was never issued")
    return key.tenant
