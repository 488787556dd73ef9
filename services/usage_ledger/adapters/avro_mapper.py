"""The library's mapper, with Avro as its transcoding: what is stored is the very bytes that go to Kafka."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent

from usage_ledger.event_types import EVENT_TYPES
from usage_ledger.recorded_event import Envelope, EventPayload, RecordedEvent
from usage_ledger_schemas import codec

T = TypeVar("T")

FINGERPRINT_BYTES = 8
_BYTES = (bytes,)


class AvroMapper(Mapper[str]):
    """``StoredEvent.state`` is the fingerprint of the writer schema (8 bytes) and then the Avro body.

    ``StoredEvent.topic`` is the event's type, a stable name and never a code path.
    """

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Raises the codec's error when a value does not fit its schema."""
        event = cast("RecordedEvent", domain_event)
        name = type(event.payload).__name__
        return StoredEvent(
            event.originator_id, event.originator_version, name, encode_state(name, event.envelope, event.payload)
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        envelope, payload = decode_state(stored_event.state)
        return cast(
            "DomainEventProtocol[str]",
            RecordedEvent(str(stored_event.originator_id), stored_event.originator_version, envelope, payload),
        )


def encode_state(name: str, envelope: Envelope, payload: EventPayload) -> bytes:
    return codec.fingerprint(name) + codec.encode_parts(name, envelope, payload)


def decode_state(state: bytes) -> tuple[Envelope, EventPayload]:
    """Envelope and payload of a stored event; fields that its schema version did not have take their defaults.

    Raises MapperDeserialisationError.
    """
    name, record = _decode(state)
    return _converted(record, Envelope), _converted(record, EVENT_TYPES[name])


def decode_payload(state: bytes) -> EventPayload:
    """The payload alone, which is all that folding an aggregate needs. Raises MapperDeserialisationError."""
    name, record = _decode(state)
    return _converted(record, EVENT_TYPES[name])


def event_type_of(state: bytes) -> str:
    """The type of a stored event, told by its fingerprint."""
    return codec.name_of(state[:FINGERPRINT_BYTES])


def _decode(state: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        return codec.decode(state[:FINGERPRINT_BYTES], state[FINGERPRINT_BYTES:])
    except Exception as error:
        raise MapperDeserialisationError(f"a stored event cannot be decoded: {error}") from error


def _converted(record: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(record, kind, builtin_types=_BYTES)
    except msgspec.ValidationError as error:
        raise MapperDeserialisationError(f"a stored event is no {kind.__name__}: {error}") from error
