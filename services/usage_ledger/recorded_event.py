"""The envelope that every stored event carries, and the pair of envelope and payload that is one event.

Aggregates know only payloads (``AccountOpened`` …); the appender adds the envelope. On the wire both stand flat in one
Avro record, the envelope's fields first.
"""

from __future__ import annotations

from typing import Literal

import msgspec

ActorKind = Literal["user", "service_key", "operator", "provider", "system"]


class Actor(msgspec.Struct, frozen=True):
    """Who caused a fact: an opaque id, never an e-mail address in clear."""

    kind: ActorKind
    id: str


class Envelope(msgspec.Struct, frozen=True):
    """What every event says about itself. Times are microseconds UTC."""

    event_id: bytes  # UUIDv7, 16 bytes
    recorded_at: int
    occurred_at: int
    tenant: str
    command_id: str
    source: str
    source_seq: int | None
    actor: Actor
    on_behalf_of: Actor | None
    causation_id: str | None
    correlation_id: str
    facts_position: int | None
    request_hash: bytes | None  # 16 bytes


class EventPayload(msgspec.Struct, frozen=True):
    """What happened, in the words of its aggregate. The class name is the event's type, for ever."""


class RecordedEvent(msgspec.Struct, frozen=True):
    """One event of one stream, in the shape that the event sourcing library calls a domain event."""

    originator_id: str
    originator_version: int
    envelope: Envelope
    payload: EventPayload
