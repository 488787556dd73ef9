"""What all reads share: who asks, of which shard, from which snapshot, and as of when."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from starlette.requests import Request

from usage_ledger.entrypoints.http.authentication import Caller, authenticate
from usage_ledger.entrypoints.http.door import Door, door_of
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.scopes import Read
from usage_ledger.streams import shard_of


class Reading(NamedTuple):
    """One authenticated question; ``shard`` is the tenant's."""

    door: Door
    caller: Caller
    request: Request
    shard: int

    @property
    def tenant(self) -> str:
        return self.caller.tenant

    def path_id(self, name: str) -> str:
        return valid_id(self.request.path_params[name], name)

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[AsyncConnection[Any]]:
        """Everything asked within the block is answered from one state of the database."""
        async with self.door.reads.connection() as connection:
            yield connection


async def begin_reading(request: Request, read: Read | None, allowed: Iterable[Query] = ()) -> Reading:
    """Authenticates. Raises Problem for the key, and for a query parameter that this read does not have."""
    door = door_of(request)
    caller = await authenticate(request, door)
    if read is not None:
        caller.require(read)
    names = {query.name for query in allowed}
    for name in request.query_params:
        if name not in names:
            raise InvalidRequest("unknown_field", f"there is no query parameter {name} here")
    return Reading(door, caller, request, shard_of(caller.tenant, door.shards))
