"""The reactor's work without its process: the same reactions, on a store in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import msgspec

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.memory_unsettled import UnsettledInMemory
from usage_ledger.appender import Appender
from usage_ledger.handlers import PROCESS_HANDLERS
from usage_ledger.reacting.reactions import REACTIONS, reactions
from usage_ledger.recorded_event import Actor
from usage_ledger.submission import Outcome, Submission


class ReactorInMemory:
    """Reacts to what it has not seen; ``forget`` makes it begin again, as after a loss of its checkpoints."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        self._store = store
        self._appender = Appender(store, clock, PROCESS_HANDLERS)
        self._unsettled = UnsettledInMemory(store)
        self._checkpoints = [0] * store.shard_count

    def forget(self) -> None:
        self._checkpoints = [0] * self._store.shard_count

    def append(self, *commands: msgspec.Struct, tenant: str = "t1") -> list[Any]:
        """Commands of the reactor as it would send them, in one group, each under an id that was never used."""
        return self._appender.append(
            [
                Submission(
                    command, tenant, "reactor", uuid4().hex, Actor("system", "reactor"), "test", request_hash=bytes(16)
                )
                for command in commands
            ]
        )

    def react(self) -> list[Outcome]:
        """Everything that follows from new facts."""
        return [outcome for shard in range(self._store.shard_count) for outcome in self._react_to(shard)]

    def _react_to(self, shard: int) -> Iterable[Outcome]:
        placed = self._store.placed[shard]
        new, self._checkpoints[shard] = placed[self._checkpoints[shard] :], len(placed)
        for event in new:
            envelope, payload = decode_state(event.stored.state)
            if type(payload) in REACTIONS:
                for submissions in reactions(envelope, payload, self._unsettled):
                    yield from self._appender.append(submissions)  # type: ignore[misc]
