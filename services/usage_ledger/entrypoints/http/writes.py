"""Every write but usage, in the same steps: who, which command, once or again, decided, answered.

A route is a row of data, ``Write``; what differs between two writes stands there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http import correlation
from usage_ledger.entrypoints.http.answers import json_response, replayed_header, with_members
from usage_ledger.entrypoints.http.authentication import Caller, authenticate
from usage_ledger.entrypoints.http.awaiting import outcome_of
from usage_ledger.entrypoints.http.bodies import decode, decode_plain, read_json
from usage_ledger.entrypoints.http.command_bodies import ToCommand
from usage_ledger.entrypoints.http.credit_headers import credit_headers
from usage_ledger.entrypoints.http.door import Door, door_of
from usage_ledger.entrypoints.http.idempotency import request_hash, required_command_id
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.problems import refused
from usage_ledger.fact_commands import tenant_of_command
from usage_ledger.submission import Outcome, Submission


class Write(NamedTuple):
    """One writing call. ``status`` is its success; ``refusals`` are the codes its rules refuse with.

    ``may_be_empty``: no body means an empty object. ``repeatable``: a thing of the world that happened once is answered
    once more with 200. ``query_ids`` are parameters of the query that may be given beside the path's ids, and are ids
    like them. ``tells_credits``: what it charged or held is told in headers as well (U17).
    """

    method: str
    path: str
    summary: str
    commands: tuple[type[msgspec.Struct], ...]
    body: type[Any]
    to_command: ToCommand
    answer: type[msgspec.Struct]
    status: int
    refusals: tuple[str, ...]
    may_be_empty: bool = False
    repeatable: bool = False
    query_ids: tuple[str, ...] = ()
    tells_credits: bool = False


class Received(NamedTuple):
    """A request that was authenticated, is allowed, and whose body has the right shape."""

    door: Door
    caller: Caller
    path_ids: Mapping[str, str]
    body: Any
    command_id: str
    request_hash: bytes
    correlation_id: str


def handler_of(write: Write) -> Callable[[Request], Awaitable[Response]]:
    decoder = msgspec.json.Decoder(write.body)

    async def handle(request: Request) -> Response:
        received = await receive(request, write, decoder)
        command = write.to_command(received.body, received.path_ids)
        outcome = await submit(received, command, tenant_of_command(command, received.caller.tenant))
        return respond(write, outcome)

    return handle


async def receive(request: Request, write: Write, decoder: msgspec.json.Decoder[Any]) -> Received:
    """Raises Problem for whatever is wrong with the request before a rule is asked. Keys come first (H1)."""
    door = door_of(request)
    caller = await authenticate(request, door)
    for command in write.commands:
        caller.require(command)
    named = {name: request.query_params[name] for name in write.query_ids if name in request.query_params}
    path_ids = {name: valid_id(value, name) for name, value in (request.path_params | named).items()}
    command_id = required_command_id(request)
    content = await read_json(request, door.body_max_bytes, may_be_empty=write.may_be_empty)
    body = decode(content, decoder)
    digest = request_hash(f"{write.method} {write.path}", path_ids, decode_plain(content))
    return Received(door, caller, path_ids, body, command_id, digest, correlation.of(request.scope))


async def submit(received: Received, command: msgspec.Struct, tenant: str) -> Outcome:
    """What became of the command. Raises Problem when the key does not reach what the command is about."""
    received.caller.require_reach(getattr(command, "account_id", None), getattr(command, "workspace_id", None))
    return await send(received, command, tenant)


async def send(received: Received, command: msgspec.Struct, tenant: str) -> Outcome:
    """What became of a command that the key is known to reach."""
    submission = Submission(
        command=command,
        tenant=tenant,
        source=received.caller.source,
        command_id=received.command_id,
        actor=received.caller.actor,
        correlation_id=received.correlation_id,
        request_hash=received.request_hash,
        breaker=received.caller.key.breaker,
    )
    return await outcome_of(received.door, submission)


def respond(write: Write, outcome: Outcome, members: Mapping[str, object] | None = None) -> Response:
    """The answer of the deciding function, with its position; a natural repeat says so and is 200."""
    if outcome.outcome == "refused":
        problem = refused(outcome.code or "refused", outcome.detail, outcome.facts)
        problem.headers.update(replayed_header(outcome))
        raise problem
    added = dict(members or {})
    if outcome.outcome == "duplicate":
        added["outcome"] = "duplicate"
    status = 200 if outcome.outcome == "duplicate" else write.status
    headers = {**replayed_header(outcome), **(credit_headers(outcome.answer) if write.tells_credits else {})}
    return json_response(with_members(outcome.answer, outcome.positions, added), status=status, headers=headers)
