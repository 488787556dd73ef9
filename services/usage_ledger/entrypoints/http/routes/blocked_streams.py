"""``GET /v1/blocked-streams``: what the projector refuses to go on with, and why, oldest first; for operators."""

from __future__ import annotations

import shlex
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfShards
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.view_reading import PAGE, limit_of
from usage_ledger_views.reading.operations import BlockedStream, list_blocked_streams, read_progress
from usage_ledger_views.reading.page import clamp

QUERY: Final = PAGE


class BlockedStreamAnswer(msgspec.Struct, frozen=True):
    """``reason``: gap, undecodable, apply_failed, write_failed. ``position`` is null if the record did not tell it."""

    stream: str
    shard: int
    reason: str
    detail: str
    position: str | None
    last_version: int
    blocked_at: str
    repair: str


class BlockedStreamsAnswer(msgspec.Struct, frozen=True):
    """``repair`` of an item is the command that brings its stream up to date once the cause is gone."""

    items: list[BlockedStreamAnswer]
    next: str | None
    as_of: AsOfShards


async def blocked_streams(request: Request) -> Response:
    """Of the tenant that an admin names, or of all."""
    reading = await begin_reading(request, "blocked_streams", QUERY)
    tenant = request.headers.get("x-tenant")
    limit, after = clamp(limit_of(reading)), reading.query("after")
    async with reading.snapshot() as connection:
        page, following = await list_blocked_streams(connection, limit, tenant=tenant, after=after)
        shards = await read_progress(connection)
    newest = max((shard.recorded_at for shard in shards), default=0)
    positions = [str(Position(shard.shard, shard.position)) for shard in shards]
    reflected = AsOfShards(format_micros(newest), positions=positions)
    return json_response(encode(BlockedStreamsAnswer([_answer(each) for each in page], following, reflected)))


def _answer(blocked: BlockedStream) -> BlockedStreamAnswer:
    return BlockedStreamAnswer(
        stream=blocked.stream_id,
        shard=blocked.shard,
        reason=blocked.reason,
        detail=blocked.detail,
        position=None if blocked.position is None else str(Position(blocked.shard, blocked.position)),
        last_version=blocked.last_version,
        blocked_at=format_micros(blocked.blocked_at),
        repair=f"usage-ledger repair {shlex.quote(blocked.stream_id)}",
    )
