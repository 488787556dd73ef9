"""``GET /v1/workspaces/{id}/billing-mode``: the resolver's answer from write-side facts, now or as of then."""

from __future__ import annotations

from typing import Any, Final

from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import shard_standing, standing_at
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer, as_of
from usage_ledger.entrypoints.http.billing_mode import FactsAsOf, billing_mode_at
from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.positions import is_position, parse_position
from usage_ledger.entrypoints.http.problems import InvalidRequest, Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.workspaces.billing_mode import POLICY

QUERY: Final = (
    Query("as_of", "a position of the tenant's shard, or an RFC 3339 time"),
    Query("policy", f"judge by this policy; {POLICY} is the only one so far"),
    Query("wait_for", "a write's position; the facts always include it, so nothing waits"),
)


async def billing_mode(request: Request) -> Response:
    reading = await begin_reading(request, "billing_mode", QUERY)
    workspace_id = reading.path_id("workspace_id")
    reading.caller.require_reach(None, workspace_id)
    _require_known_policy(reading)
    async with reading.snapshot() as connection:
        facts, reflected = await _facts(reading, connection)
        answer = await billing_mode_at(connection, reading.shard, reading.tenant, workspace_id, facts, reflected)
    if answer is None:
        raise Problem("workspace_not_found", f"workspace {workspace_id} is not registered")
    return json_response(encode(answer))


async def _facts(reading: Reading, connection: AsyncConnection[Any]) -> tuple[FactsAsOf, AsOfAnswer]:
    standing = await shard_standing(connection, reading.shard)
    asked = reading.query("as_of")
    if asked is None:
        now = max(reading.door.clock.now(), standing.recorded_at)
        return FactsAsOf(standing.position, now), as_of(reading.shard, *standing)
    if not is_position(asked):
        at = parse_instant(asked, "as_of")
        return FactsAsOf(standing.position, at), as_of(reading.shard, standing.position, at)
    then = await standing_at(connection, reading.shard, parse_position(asked, "as_of", reading.shard))
    return FactsAsOf(*then), as_of(reading.shard, *then)


def _require_known_policy(reading: Reading) -> None:
    if reading.query("policy") not in (None, POLICY):
        raise InvalidRequest("invalid_value", f"policy: only {POLICY} is known")
    waited_for = reading.query("wait_for")
    if waited_for is not None:
        parse_position(waited_for, "wait_for", reading.shard)
