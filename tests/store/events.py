"""Events for tests of stores: real bodies, since a store tells an event's type by its fingerprint."""

from __future__ import annotations

from eventsourcing.persistence import StoredEvent

from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES, encode_state
from usage_ledger.deployment.events import ProxyWired
from usage_ledger.leaf import NO_LEAF, leaf_hash
from usage_ledger.recorded_event import Actor, Envelope
from usage_ledger.store import PlacedEvent

STREAM = "acme/account-a"
OTHER = "acme/account-b"
NOW = 1_780_000_000_000_000


def place(shard: int, position: int, stream_id: str, version: int, prev_leaf: bytes = NO_LEAF) -> PlacedEvent:
    state = encode_state("ProxyWired", envelope(position), ProxyWired(deployment="default"))
    leaf = leaf_hash(
        shard, position, stream_id, version, state[:FINGERPRINT_BYTES], prev_leaf, state[FINGERPRINT_BYTES:]
    )
    stored = StoredEvent(stream_id, version, "ProxyWired", state)
    return PlacedEvent(shard, position, NOW + position, prev_leaf, leaf, stored)


def envelope(position: int) -> Envelope:
    return Envelope(
        event_id=position.to_bytes(16, "big"),
        recorded_at=NOW + position,
        occurred_at=NOW,
        tenant="acme",
        command_id=f"command-{position}",
        source="test",
        source_seq=None,
        actor=Actor("operator", "tester"),
        on_behalf_of=None,
        causation_id=None,
        correlation_id="test",
        facts_position=None,
        request_hash=None,
    )
