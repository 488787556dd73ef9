"""``GET /v1/billing-mode/rejected-key-writes``: refused credential names, and whether a policy would accept them.

The list is the view's. Whether a policy would have accepted a name is for the guard to say, from the write side's facts
as they stood when it was refused (billing-mode 13.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.key_write_facts import KeyWriteFacts
from usage_ledger.entrypoints.http.acting import ActorAnswer, behalf_answer
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.mode_question import known_policy
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.recorded_period import PERIOD, period_of
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
from usage_ledger.entrypoints.http.view_reading import (
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    await_position,
    limit_of,
    reflected,
    workspace_reach_of,
)
from usage_ledger.workspaces.events import CredentialScope
from usage_ledger.workspaces.rejected_writes import RejectedWrite, refused_under
from usage_ledger.workspaces.resolver.policies import POLICIES, Policy
from usage_ledger_views.rejected_key_writes.queries import RejectedKeyWrite, list_rejected_key_writes

_POLICY: Final = Query(
    "policy", f"say whether this policy would have accepted it: {', '.join(POLICIES)}", {"type": "string"}
)
QUERY: Final = (WORKSPACE, _POLICY, *PERIOD, WAIT_FOR, *PAGE)


class UnderPolicy(msgspec.Struct, frozen=True):
    """What this policy makes of the write, from the facts of then; a refusal by its code and rule."""

    policy: str
    is_accepted: bool
    code: str | None
    rule: str | None


class RejectedKeyItem(msgspec.Struct, frozen=True):
    """A name that was not stored; never a value. ``at_creation``: the workspace was to begin with it, and did not.

    ``model`` and ``runtime`` are those that the whole command would have left. ``under_policy`` is null unless one was
    asked for.
    """

    workspace_id: str
    organization_id: str
    scope: str
    name: str
    at_creation: bool
    code: str
    rule: str | None
    model: str | None
    runtime: str | None
    policy: str
    registry: str | None
    under_policy: UnderPolicy | None
    event_id: str
    position: str
    actor: ActorAnswer
    on_behalf_of: ActorAnswer | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: str


class RejectedKeysAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[RejectedKeyItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def rejected_key_writes(request: Request) -> Response:
    reading = await begin_reading(request, "rejected_key_writes", QUERY)
    asked = reading.query(_POLICY.name)
    policy = None if asked is None else known_policy(asked)
    workspace_id, period = workspace_reach_of(reading), period_of(reading)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_rejected_key_writes(
            connection,
            reading.shard,
            reading.tenant,
            workspace_id=workspace_id,
            period=period,
            limit=limit,
            after=after,
        )
        judged = await _judged(reading, connection, page.items, policy)
    items = [_item(reading, *each) for each in zip(page.items, judged, strict=True)]
    return json_response(encode(RejectedKeysAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


async def _judged(
    reading: Reading, connection: AsyncConnection[Any], writes: Sequence[RejectedKeyWrite], policy: Policy | None
) -> list[UnderPolicy | None]:
    if policy is None:
        return [None] * len(writes)
    facts = KeyWriteFacts(connection, reading.shard, reading.tenant)
    return [await _under(policy, facts, write) for write in writes]


async def _under(policy: Policy, facts: KeyWriteFacts, write: RejectedKeyWrite) -> UnderPolicy:
    sources = await facts.sources(write.workspace_id, write.organization_id, write.position)
    scope = cast("CredentialScope", write.scope)
    again = RejectedWrite(scope, write.name, write.model, write.runtime, write.at_creation, write.recorded_at)
    refused = refused_under(policy, again, sources)
    if refused is None:
        return UnderPolicy(policy.name, True, None, None)
    return UnderPolicy(policy.name, False, refused.code, refused.rule)


def _item(reading: Reading, write: RejectedKeyWrite, under_policy: UnderPolicy | None) -> RejectedKeyItem:
    return RejectedKeyItem(
        workspace_id=write.workspace_id,
        organization_id=write.organization_id,
        scope=write.scope,
        name=write.name,
        at_creation=write.at_creation,
        code=write.code,
        rule=write.rule,
        model=write.model,
        runtime=write.runtime,
        policy=write.policy,
        registry=write.registry_version,
        under_policy=under_policy,
        event_id=write.event_id,
        position=str(Position(reading.shard, write.position)),
        actor=ActorAnswer(write.actor_kind, write.actor_id),
        on_behalf_of=behalf_answer(write.on_behalf_of_kind, write.on_behalf_of_id),
        command_source=write.command_source,
        command_id=write.command_id,
        correlation_id=write.correlation_id,
        recorded_at=format_micros(write.recorded_at),
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/billing-mode/rejected-key-writes",
    name="ListRejectedKeyWrites",
    tag="workspaces",
    summary="Credential names that were refused, and whether a policy would accept them, newest first",
    handle=rejected_key_writes,
    answers=(RejectedKeysAnswer,),
    refusals=(*READ_REFUSALS, "unknown_policy", "wrong_shard"),
    query=QUERY,
)
