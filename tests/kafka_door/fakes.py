"""A session's surroundings, which do as they are told and write down in which order what was asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from threading import Event
from typing import Any, NamedTuple

import msgspec

from usage_ledger.adapters.kafka.group_consumer import Place
from usage_ledger.adapters.postgres.dead_letters import DeadLetter
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.entrypoints.kafka_door.session import Door, Session
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.commands import RecordUsage
from usage_ledger_schemas import frames

OPENING = {"account_id": "main", "owner_kind": "org", "currency": "USD"}
TOPIC = "commands"


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    value: bytes | None


def command(offset: int, partition: int = 0, items: int = 0) -> Record:
    """An OpenAccount, or usage with so many items, whose id is the record's place."""
    kind, content = (
        ("OpenAccount", OPENING) if not items else ("RecordUsage", {"items": [_item(n) for n in range(items)]})
    )
    value = frames.command_frame(kind, content, command_id=f"{partition}:{offset}", tenant="acme", sent_at=0)
    return Record(TOPIC, partition, offset, value)


def _item(number: int) -> dict[str, Any]:
    return {"id": f"a{number}", "workspace_id": "ws", "occurred_at": 0, "model": "m", "usage": {}}


class Surroundings:
    """Kafka, the appender and Postgres. ``happened`` is what they saw, in order; ``faults`` what they do, a call each.

    A fault is raised when the appender is asked, or given as the outcome of each submission.
    """

    def __init__(self) -> None:
        self.happened: list[tuple[str, Any]] = []
        self.polls: list[list[Record]] = []
        self.faults: list[Callable[[Submission], Any]] = []
        self.refused_letters: list[Exception] = []
        self.refused_publishing: list[Exception] = []
        self.stop = Event()
        self.stop_while_waiting = False
        self.ours_behind: dict[Place, int] = {}
        self.theirs_behind: dict[Place, int] = {}

    def session(self, max_items: int = 1_000) -> Session:
        topics = {TOPIC: CommandsTopic(source="gateway", tenants=("*",))}
        return Session(Door(self, self, topics, self, max_items), self, self)  # type: ignore[arg-type]

    def names(self) -> list[str]:
        return [name for name, _ in self.happened]

    def values(self, of: str) -> list[Any]:
        return [value for name, value in self.happened if name == of]

    def now(self) -> int:
        return 1

    # -- the consumer

    def poll(self, timeout_ms: int) -> list[Record]:
        if not self.polls:
            self.stop.set()
            return []
        return self.polls.pop(0)

    def stay(self, timeout_ms: int) -> None:
        self.happened.append(("stay", timeout_ms))
        if self.stop_while_waiting:
            self.stop.set()

    def commit(self, next_offsets: Mapping[Place, int]) -> None:
        self.happened.append(("commit", dict(next_offsets)))

    def lag(self) -> dict[Place, int]:
        return {}

    def behind(self) -> dict[Place, int]:
        return self.ours_behind

    def others_behind(self) -> dict[Place, int]:
        return self.theirs_behind

    def close(self) -> None:
        self.happened.append(("close", None))

    # -- the appender

    def submit(self, submissions: Sequence[Submission], *, in_order: bool = False) -> list[Future[Outcome]]:
        assert in_order
        ids = [submission.command_id for submission in submissions]
        self.happened.append(("submit", ids))
        fault = self.faults.pop(0) if self.faults else accept
        return [_future(fault(submission)) for submission in submissions]

    # -- the dead letters

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        if letters and self.refused_letters:
            raise self.refused_letters.pop(0)
        if letters:
            self.happened.append(("keep", [(letter.offset, letter.reason) for letter in letters]))

    # -- the publisher

    def publish(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        outcomes = [frames.read_outcome(value) for _, value in records]
        if self.refused_publishing:
            raise self.refused_publishing.pop(0)
        self.happened.append(("publish", [(each["command_id"], each["outcome"], each["code"]) for each in outcomes]))


def accept(submission: Submission) -> Outcome:
    attempts = submission.command.attempts if isinstance(submission.command, RecordUsage) else ()
    items = [{"id": attempt.attempt_id, "status": "accepted"} for attempt in attempts]
    return Outcome("accepted", msgspec.json.encode({"items": items}), ("0-1",))


def raising(error: Exception) -> Callable[[Submission], Any]:
    """The appender refuses to be asked."""

    def refuse(_: Submission) -> Any:
        raise error

    return refuse


def giving(*errors: Exception | None) -> Callable[[Submission], Any]:
    """One for each submission, in order; None accepts it."""
    rest = list(errors)
    return lambda submission: rest.pop(0) or accept(submission)


def _future(found: Outcome | Exception) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    if isinstance(found, Exception):
        future.set_exception(found)
    else:
        future.set_result(found)
    return future
