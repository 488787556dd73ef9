"""A ledger in memory under a virtual clock: the real appender, handlers and codec, without a server.

``given`` runs commands that must be accepted, ``when`` runs one and answers its outcome, ``events`` shows what came of
it. Commands are one second apart.
"""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.recorded_event import Actor, Envelope, EventPayload
from usage_ledger.submission import Outcome, Submission
from usage_ledger.workspaces.mode_sources import ReadersAt, stored_facts

START = 1_772_452_800_000_000  # 2026-03-02T12:00:00Z
SECOND = 1_000_000
DAY = 86_400 * SECOND


class _Clock:
    def __init__(self) -> None:
        self.instant = START

    def now(self) -> int:
        return self.instant


class Rehearsal:
    """``fact_readers`` are how the inputs of a billing mode are read: a test may make one of them fail."""

    def __init__(self, fact_readers: ReadersAt = stored_facts) -> None:
        self.clock = _Clock()
        self.store = MemoryStore(shards=4)
        self._appender = Appender(self.store, self.clock, HANDLERS, fact_readers=fact_readers)
        self._ids = (f"command-{number}" for number in itertools.count(1))

    @property
    def now(self) -> int:
        """Microseconds UTC; what the next command's events will carry."""
        return self.clock.instant

    def wait(self, micros: int) -> None:
        self.clock.instant += micros

    def given(self, *commands: msgspec.Struct, tenant: str = "t1") -> None:
        for command in commands:
            outcome = self.when(command, tenant=tenant)
            assert outcome.outcome == "accepted", outcome

    def given_together(self, *commands: msgspec.Struct, tenant: str = "t1") -> None:
        """Very many commands at one instant, in one append."""
        assert {outcome.outcome for outcome in self.together(*commands, tenant=tenant)} == {"accepted"}

    def together(self, *commands: msgspec.Struct, tenant: str = "t1") -> list[Outcome]:
        """Commands at one instant, in one append."""
        return self.append(*[self.submission(command, tenant) for command in commands])

    def when(self, command: msgspec.Struct, *, tenant: str = "t1", source: str = "gw") -> Outcome:
        (outcome,) = self.append(self.submission(command, tenant, source))
        return outcome

    def append(self, *submissions: Submission) -> list[Outcome]:
        outcomes = self._appender.append(submissions)
        self.wait(SECOND)
        return outcomes

    def submission(self, command: msgspec.Struct, tenant: str = "t1", source: str = "gw") -> Submission:
        command_id = next(self._ids)
        actor = Actor("service_key", "key")
        return Submission(command, tenant, source, command_id, actor, command_id, request_hash=bytes(16))

    def events(self, stream_id: str) -> list[EventPayload]:
        return [payload for _, payload in self.recorded(stream_id)]

    def recorded(self, stream_id: str) -> list[tuple[Envelope, EventPayload]]:
        """Events as they are read back from their stored bytes."""
        return [decode_state(event.stored.state) for event in self.store.by_stream.get(stream_id, [])]

    def at(self, shard: int, position: int) -> EventPayload:
        """The event at a place of the store."""
        return decode_state(self.store.placed[shard][position - 1].stored.state)[1]

    def sizes(self, stream_id: str) -> list[int]:
        """Encoded bytes of each event of the stream."""
        return [len(event.stored.state) for event in self.store.by_stream.get(stream_id, [])]

    @property
    def attempts_taken(self) -> int:
        return len(self.store.attempts)

    @property
    def streams(self) -> set[str]:
        return set(self.store.by_stream)


def answer_of(outcome: Outcome) -> Any:
    """The answer as a client reads it."""
    return msgspec.json.decode(outcome.answer)
