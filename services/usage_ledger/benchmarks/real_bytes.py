"""What the ledger stores for a load, made by its own appender on the store in memory: the floor writes these bytes."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.appender import Appender
from usage_ledger.benchmarks.furnishing import CURRENCY
from usage_ledger.benchmarks.shapes import Call, Place
from usage_ledger.benchmarks.usage_bodies import MODEL, UsageBodies
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.entrypoints.http.usage_request import decode_usage
from usage_ledger.handlers import HANDLERS
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Submission
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.commands import RegisterWorkspace

_OPERATOR: Final = Actor("operator", "bench")
_SOURCE: Final = "bench-gateway"
_COMMIT_REQUESTS: Final = 10
"""Requests that share a commit, as they do when many gateways send at once."""


class EventRow(NamedTuple):
    """A row of ``ledger.events``."""

    shard: int
    position: int
    stream_id: str
    stream_version: int
    recorded_at: int
    fingerprint: bytes
    prev_leaf: bytes
    leaf: bytes
    body: bytes


class AttemptRow(NamedTuple):
    """A row of ``ledger.attempts``."""

    key: bytes
    content: bytes
    shard: int
    position: int


class CommitRows(NamedTuple):
    """What one commit of some requests writes, and for how many items."""

    items: int
    events: list[EventRow]
    attempts: list[AttemptRow]


def rows_of_commits(calls: list[Call], batch: int, commits: int) -> list[CommitRows]:
    """The rows that the first requests of a load become, ``batch`` items a request, some requests a commit."""
    ledger = _Ledger()
    ledger.furnish({call.place for call in calls[: batch * _COMMIT_REQUESTS * commits]})
    bodies = UsageBodies(calls, "floor", batch)
    requests = [bodies.body(number * batch) for number in range(_COMMIT_REQUESTS * commits)]
    groups = [requests[begin : begin + _COMMIT_REQUESTS] for begin in range(0, len(requests), _COMMIT_REQUESTS)]
    return [ledger.record(group) for group in groups]


class _Ledger:
    """The product's appender and domain, without a database."""

    def __init__(self) -> None:
        self._store = MemoryStore()
        self._appender = Appender(self._store, SystemClock(), HANDLERS)

    def furnish(self, places: set[Place]) -> None:
        price = PriceText(per_million={"input": "3", "output": "15"})
        self._append(PLATFORM, WireProxy(), PublishPrices("bench-1", MODEL, "sell", CURRENCY, price, "benchmark"))
        for place in {place.account: place for place in places}.values():
            opened = OpenAccount(place.account_id, "org", CURRENCY)
            self._append(place.tenant, opened, RecordPurchase(place.account_id, "1000000", f"bench-{place.account_id}"))
        for place in places:
            self._append(place.tenant, RegisterWorkspace(place.workspace_id, place.account_id))

    def record(self, requests: list[bytes]) -> CommitRows:
        before = [len(placed) for placed in self._store.placed]
        known = self._store.attempts.copy()
        self._appender.append([submission for body in requests for submission in _submissions(body)])
        events = [
            EventRow(
                event.shard,
                event.position,
                str(event.stored.originator_id),
                event.stored.originator_version,
                event.recorded_at,
                event.stored.state[:8],
                event.prev_leaf,
                event.leaf,
                event.stored.state[8:],
            )
            for placed, count in zip(self._store.placed, before, strict=True)
            for event in placed[count:]
        ]
        attempts = [AttemptRow(*row) for key, row in self._store.attempts.items() if key not in known]
        return CommitRows(len(attempts), events, attempts)

    def _append(self, tenant: str, *commands: msgspec.Struct) -> None:
        self._appender.append([_submission(tenant, command) for command in commands])


def _submissions(body: bytes) -> list[Submission]:
    items = decode_usage(body).batch.items
    tenants = dict.fromkeys(item.tenant or PLATFORM for item in items)
    parts = {tenant: [item for item in items if item.tenant == tenant] for tenant in tenants}
    return [_submission(tenant, RecordUsage(prepare_all(part, tenant, _SOURCE))) for tenant, part in parts.items()]


def _submission(tenant: str, command: msgspec.Struct) -> Submission:
    return Submission(command, tenant, _SOURCE, "bench", _OPERATOR, "bench")
