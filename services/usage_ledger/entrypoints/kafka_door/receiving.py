"""One record of a topic of commands: what is to be decided, or why there is nothing to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.entrypoints.http.scopes import SCOPES
from usage_ledger.entrypoints.http.usage_request import TenantPart
from usage_ledger.entrypoints.kafka_door.frame import CommandFrame, read_frame
from usage_ledger.entrypoints.kafka_door.not_taken import INTERNAL_ERROR, NotTaken, Unreadable
from usage_ledger.entrypoints.kafka_door.payload import command_of, read_payload
from usage_ledger.entrypoints.kafka_door.usage_items import (
    read_batch,
    read_correction,
    read_settlement,
    split_by_tenant,
    tenant_not_allowed,
)
from usage_ledger.fact_commands import tenant_of_command
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Submission
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.corrections.commands import CorrectUsage
from usage_ledger_schemas import codec

log: Final = structlog.get_logger()


class Record(Protocol):
    """A record as the Kafka client gives it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class ToDecide(NamedTuple):
    """A command for the appender: one submission a tenant. ``parts`` are the items of usage, tenant by tenant."""

    frame: CommandFrame
    source: str
    submissions: Sequence[Submission]
    parts: Sequence[TenantPart] = ()

    @property
    def items(self) -> int:
        """Work, as the appender counts it."""
        return sum(len(part.items) for part in self.parts) or 1


class TurnedAway(NamedTuple):
    """A command that the sender is told about at once."""

    frame: CommandFrame
    source: str
    why: NotTaken


class Dead(NamedTuple):
    """A record that nobody can be told about."""

    reason: str


Received = ToDecide | TurnedAway | Dead


READERS: Final[dict[type, Callable[[codec.Decoded], msgspec.Struct]]] = {
    SettleHold: read_settlement,
    CorrectUsage: read_correction,
}
"""Commands in which JSON says something in other words than Avro."""


def receive(record: Record, topics: Mapping[str, CommandsTopic]) -> Received:
    """Never raises: whatever is in a record, its partition goes on."""
    topic = topics[record.topic]
    try:
        frame = read_frame(record.value or b"")
    except Unreadable as unreadable:
        return Dead(unreadable.reason)
    except Exception as error:  # noqa: BLE001 - see above
        return Dead(_unexpected(record, error))
    try:
        return _to_decide(record, frame, topic)
    except NotTaken as not_taken:
        return TurnedAway(frame, topic.source, not_taken)
    except Exception as error:  # noqa: BLE001 - see above
        return TurnedAway(frame, topic.source, NotTaken(_unexpected(record, error), "it was logged", is_dead=True))


def _unexpected(record: Record, error: Exception) -> str:
    """Logs where it was and no more: the text of an error may hold what the record held."""
    log.error(
        "record_not_understood",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        error=type(error).__name__,
    )
    return INTERNAL_ERROR


def _to_decide(record: Record, frame: CommandFrame, topic: CommandsTopic) -> ToDecide:
    if not topic.speaks_for(frame.tenant):
        raise tenant_not_allowed()
    kind, fields = read_payload(frame)
    if SCOPES[kind] == "admin" and not topic.speaks_for(PLATFORM):
        raise tenant_not_allowed()
    if kind is RecordUsage:
        batch = read_batch(fields)
        parts = split_by_tenant(batch, frame.tenant, topic.speaks_for)
        commands = [
            (RecordUsage(prepare_all(part.items, part.tenant, topic.source), batch.atomic, batch.backfill), part.tenant)
            for part in parts
        ]
    else:
        parts = []
        command = READERS[kind](fields) if kind in READERS else command_of(kind, fields)
        commands = [(command, tenant_of_command(command, frame.tenant))]
    return ToDecide(frame, topic.source, _submissions(record, frame, topic.source, commands), parts)


def _submissions(
    record: Record, frame: CommandFrame, source: str, commands: Sequence[tuple[msgspec.Struct, str]]
) -> list[Submission]:
    """The broker's ACLs know who produced; the ledger knows only the topic, so its source is the actor."""
    request_hash = blake2b(frame.payload, digest_size=16).digest()
    return [
        Submission(
            command=command,
            tenant=tenant,
            source=source,
            command_id=frame.command_id,
            actor=Actor("system", source),
            correlation_id=f"{record.topic}:{record.partition}:{record.offset}",
            request_hash=request_hash,
        )
        for command, tenant in commands
    ]
