"""``POST /v1/usage``, the hot path: bytes to items, one submission a tenant, bytes back."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http import correlation
from usage_ledger.entrypoints.http.authentication import Caller, authenticate
from usage_ledger.entrypoints.http.awaiting import outcomes_of
from usage_ledger.entrypoints.http.bodies import decode_plain, read_json
from usage_ledger.entrypoints.http.door import door_of
from usage_ledger.entrypoints.http.idempotency import new_command_id, optional_command_id, request_hash
from usage_ledger.entrypoints.http.payer_reach import require_payer
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.usage_answer import PartAnswer, answer_for_many, answer_for_one, is_refused_whole
from usage_ledger.entrypoints.http.usage_request import TenantPart, UsageBatch, decode_usage, split_by_tenant
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage

PATH: Final = "/v1/usage"


async def record_usage(request: Request) -> Response:
    """200 whenever the request could be decoded: every item has a status of its own (U4)."""
    door = door_of(request)
    caller = await authenticate(request, door)
    caller.require(RecordUsage)
    batch, body = decode_usage(await read_json(request, door.body_max_bytes))
    parts = _parts(batch, caller)
    if caller.key.account_id is not None:
        await require_payer(door, caller, parts)
    submissions = _submissions(request, caller, batch, parts, body)
    outcomes = await outcomes_of(door, submissions, len(batch.items))
    return _respond([PartAnswer(part, outcome) for part, outcome in zip(parts, outcomes, strict=True)])


def _parts(batch: UsageBatch, caller: Caller) -> list[TenantPart]:
    parts = split_by_tenant(batch, caller)
    if batch.atomic and len(parts) > 1:
        raise InvalidRequest("invalid_value", "only items of one tenant can be recorded all or none", "/atomic")
    return parts


def _submissions(
    request: Request, caller: Caller, batch: UsageBatch, parts: list[TenantPart], body: bytes
) -> list[Submission]:
    command_id = optional_command_id(request)
    digest = None if command_id is None else request_hash(f"POST {PATH}", {}, decode_plain(body))
    return [
        Submission(
            command=RecordUsage(prepare_all(part.items, part.tenant, caller.source), batch.atomic, batch.backfill),
            tenant=part.tenant,
            source=caller.source,
            command_id=command_id or new_command_id(),
            actor=caller.actor,
            correlation_id=correlation.of(request.scope),
            request_hash=digest,
        )
        for part in parts
    ]


def _respond(answers: list[PartAnswer]) -> Response:
    outcomes = [answer.outcome for answer in answers]
    if len(answers) == 1 or all(map(_has_no_items, outcomes)):
        # Of one tenant; or nothing is known of any item, and then the first reason is that of the whole request.
        return _respond_one(outcomes[0])
    return answer_for_many(answers)


def _respond_one(outcome: Outcome | BaseException) -> Response:
    if isinstance(outcome, BaseException):
        raise outcome
    return answer_for_one(outcome)


def _has_no_items(outcome: Outcome | BaseException) -> bool:
    return isinstance(outcome, BaseException) or is_refused_whole(outcome)
