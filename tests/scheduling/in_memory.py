"""The scheduler's work without its process: the same commands, on a store in memory."""

from __future__ import annotations

from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.memory_due_accounts import DueAccountsInMemory
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import PROCESS_HANDLERS
from usage_ledger.scheduling.due_accounts import DueAccount
from usage_ledger.scheduling.due_commands import due_command


class SchedulerInMemory:
    """Looks, and does what it found; both apart, so that something can happen in between."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        self._shards = range(store.shard_count)
        self._clock = clock
        self._due = DueAccountsInMemory(store)
        self._appender = Appender(store, clock, PROCESS_HANDLERS)

    def look(self) -> list[DueAccount]:
        return self._due.due(self._shards, self._clock.now(), 100)

    def do(self, due: list[DueAccount]) -> None:
        if due:
            self._appender.append([due_command(each) for each in due])

    def run(self) -> None:
        self.do(self.look())
