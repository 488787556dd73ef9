"""What a very large account costs: to load it, and to take a batch of usage; on real Postgres, with durable commits.

The account is made by commands, like any other. Loading is dearest just before the next snapshot, so it is measured
there: the newest snapshot that there is, and as many events after it as there can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import islice
from time import monotonic, process_time
from typing import Any, Final, NamedTuple

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount
from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.appending.stream_cache import StreamCache
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.figures import percentiles
from usage_ledger.benchmarks.machine import machine
from usage_ledger.benchmarks.places import PostgresPlace
from usage_ledger.bootstrap import migrate
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.embedded.servers import Report
from usage_ledger.handlers import HANDLERS
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.recorded_event import Actor
from usage_ledger.snapshots import SNAPSHOT_EVERY
from usage_ledger.streams import PLATFORM, account_stream, shard_of
from usage_ledger.submission import Submission
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.item import UsageItem
from usage_ledger.workspaces.commands import RegisterWorkspace

BATCH: Final = 100
SHARDS: Final = 4

_TENANT: Final = "bench"
_ACCOUNT: Final = "large"
_WORKSPACE: Final = "ws"
_MODEL: Final = "bench/model"
_GROUP: Final = 1_000
_ROUNDS: Final = 60
_A_DAY_S: Final = 86_400
_YEAR: Final = timedelta(days=365)


class Size(NamedTuple):
    """How large: events of the account's stream, lots with something left, holds that are open."""

    events: int
    lots: int
    holds: int


def measure_large_account(place: PostgresPlace, size: Size, report: Report) -> dict[str, object]:
    """Fill a database of its own, then load the account again and again, then let it take batches."""
    dsn = place.new_database("large_account")
    migrate(dsn, SHARDS)
    began = monotonic()
    with closing(_Filling(dsn, report)) as filling:
        filling.fill(size)
    report("Loading the account")
    state, loads = _load(dsn)
    _require(state, size)
    report(f"Batches of {BATCH}")
    batches, cpu = _take_batches(dsn)
    return {
        "bench": "account",
        "version": version("usage-ledger"),
        "seconds": round(monotonic() - began, 1),
        "events": state.version,
        "lots": len(state.lots),
        "holds": len(state.holds.by_id),
        "snapshot_bytes": len(state.snapshot()),
        "events_after_snapshot": state.version % SNAPSHOT_EVERY,
        "load_ms": percentiles(loads),
        "batch": BATCH,
        "batch_ms": percentiles(batches),
        "batch_cpu_ms": percentiles(cpu),
        "machine": machine(),
    }


class _Filling:
    """Makes the account by commands, many in one transaction."""

    def __init__(self, dsn: str, report: Report) -> None:
        self._appender = Appender(PostgresStore(dsn), SystemClock(), HANDLERS)
        self._report = report
        self._sent = 0

    def close(self) -> None:
        self._appender.stop()

    def fill(self, size: Size) -> None:
        self._send(_facts(), PLATFORM)
        self._send([OpenAccount(_ACCOUNT, "org", "USD"), RegisterWorkspace(_WORKSPACE, account_id=_ACCOUNT)])
        later = int((datetime.now(UTC) + _YEAR).timestamp()) * 1_000_000
        self._send_all((_grant(number, later) for number in range(size.lots)), "lots")
        self._send_all((_hold(number) for number in range(size.holds)), "holds")
        # One short of the next snapshot: whoever loads it then replays as much as there can be.
        events = size.events - size.events % SNAPSHOT_EVERY + SNAPSHOT_EVERY - 1
        self._send_all((_usage(number, 1) for number in range(events - 1 - size.lots - size.holds)), "events")

    def _send_all(self, commands: Iterator[msgspec.Struct], what: str) -> None:
        done = 0
        while group := list(islice(commands, _GROUP)):
            self._send(group)
            done += len(group)
            self._report(f"Making the account: {done:,} {what}")

    def _send(self, commands: Sequence[msgspec.Struct], tenant: str = _TENANT) -> None:
        submissions = [_submission(command, tenant, self._sent + number) for number, command in enumerate(commands)]
        self._sent += len(commands)
        for outcome in self._appender.append(submissions):
            if isinstance(outcome, Exception) or outcome.outcome != "accepted":
                raise BenchmarkFailed(f"the account could not be made: {outcome}")


def _load(dsn: str) -> tuple[Account, list[float]]:
    """The account, and ms that each load took, from a cache that had nothing."""
    stream, shard = account_stream(_TENANT, _ACCOUNT), shard_of(_TENANT, SHARDS)
    account, samples = Account(), list[float]()
    with closing(PostgresStore(dsn)) as store:
        for _ in range(_ROUNDS):
            with store.transaction([shard]) as transaction:
                cache = StreamCache(10)
                cache.catch_up(transaction)
                began = monotonic()
                cache.load_aggregates(transaction, shard, Account, [stream])
                samples.append((monotonic() - began) * 1_000)
                account = cache.load_head(transaction, shard, stream).aggregate
    if not isinstance(account, Account):
        raise BenchmarkFailed("the account is not there")
    return account, samples


def _take_batches(dsn: str) -> tuple[list[float], list[float]]:
    """Ms from a batch handed in until it is durable, and of CPU; one after the other. The first one loads: not told."""
    appender = Appender(PostgresStore(dsn), SystemClock(), HANDLERS)
    samples, cpu = list[float](), list[float]()
    for number in range(_ROUNDS + 1):
        submission = _submission(_usage(number, BATCH, "batch"), _TENANT, number, "batches")
        began, busy = monotonic(), process_time()
        appender.append([submission])
        samples.append((monotonic() - began) * 1_000)
        cpu.append((process_time() - busy) * 1_000)
    appender.stop()
    return samples[1:], cpu[1:]


def _require(account: Account, size: Size) -> None:
    if account.version < size.events or (len(account.lots), len(account.holds.by_id)) != (size.lots, size.holds):
        raise BenchmarkFailed(f"the account has {account.version} events, {len(account.lots)} lots")


def _facts() -> list[Any]:
    price = PriceText(per_million={"input": "1", "output": "2"})
    return [PublishPrices("bench-1", _MODEL, "sell", "USD", price, "bench", effective_from=0), WireProxy()]


def _grant(number: int, later: int) -> GrantCredits:
    """Lots of every kind of order: some expire, some have another priority."""
    expires_at = later + number if number % 3 == 0 else None
    return GrantCredits(_ACCOUNT, "10000.00", "promo", "bench", expires_at=expires_at, priority=50 + number % 7)


def _hold(number: int) -> PlaceHold:
    return PlaceHold(_ACCOUNT, f"hold-{number}", _WORKSPACE, amount="0.01", expires_in_s=_A_DAY_S)


def _usage(number: int, items: int, prefix: str = "fill") -> RecordUsage:
    now = datetime.now(UTC)
    counts = {"input_tokens": 1_000, "output_tokens": 200}
    usage = [
        UsageItem(id=f"{prefix}-{number}-{each}", workspace_id=_WORKSPACE, occurred_at=now, model=_MODEL, usage=counts)
        for each in range(items)
    ]
    return RecordUsage(prepare_all(usage, _TENANT, "bench"))


def _submission(command: msgspec.Struct, tenant: str, number: int, prefix: str = "fill") -> Submission:
    name = f"{prefix}-{number}"
    usage = isinstance(command, RecordUsage)
    return Submission(
        command=command,
        tenant=tenant,
        source="bench",
        command_id=name,
        actor=Actor("operator", "bench"),
        correlation_id=name,
        request_hash=None if usage else bytes(16),
    )
