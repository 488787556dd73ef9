"""What the routes need of the rest: a few ports, put together once by ``serve`` and handed to the application."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol, cast

import msgspec
from starlette.requests import Request

from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.postgres.key_register import KeyRegister
from usage_ledger.adapters.postgres.read_pool import ReadPool
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.entrypoints.http.in_flight import InFlight
from usage_ledger.entrypoints.http.key_cache import KeyCache
from usage_ledger.entrypoints.http.what_ifs import WhatIfs
from usage_ledger.submission import Outcome, Submission


class AppendsCommands(Protocol):
    """The appender, as the doors see it."""

    def submit(self, submissions: Sequence[Submission]) -> list[Future[Outcome]]:
        """Raises Overloaded. Futures may fail with LedgerUnavailable."""
        ...


class Door(msgspec.Struct, frozen=True):
    """One HTTP door. ``shards`` is the store's shard count; ``topics`` are those that the Kafka door reads.

    ``top_up_url`` is where people buy credit, if there is such a place.
    """

    appender: AppendsCommands
    register: KeyRegister
    keys: KeyCache
    reads: ReadPool
    clock: Clock
    shards: int
    body_max_bytes: int
    in_flight: InFlight
    what_ifs: WhatIfs
    topics: tuple[CommandsTopic, ...] = ()
    top_up_url: str | None = None


def door_of(request: Request) -> Door:
    return cast("Door", request.app.state.door)
