"""From records to bytes and back. Bodies are plain Avro, byte for byte what any Avro library writes.

Encoding validates: exact ``int``s of 64 (or 32) bits and never ``bool`` or ``float``, no unknown field, none missing
that has no default. Decoding takes only the canonical encoding, so what decodes encodes to the same bytes again, from
whatever source; it is the same function for our own store and at a trust boundary.

It does not resolve names of versions for the caller: ``encode`` writes the latest version, ``decode`` answers records
of the latest version, whichever version wrote the bytes.
"""

from __future__ import annotations

from usage_ledger_schemas.decoder import Decoded
from usage_ledger_schemas.errors import SchemaRefused, UndecodableRecord, UnencodableRecord, UnknownFingerprint
from usage_ledger_schemas.registry import ENVELOPE, ORIGIN, SCHEMAS, Kind, Schema
from usage_ledger_schemas.varint import long_bytes

__all__ = [
    "MAX_COMMAND_BYTES",
    "MAX_EVENT_BYTES",
    "Decoded",
    "SchemaRefused",
    "UndecodableRecord",
    "UnencodableRecord",
    "UnknownFingerprint",
    "decode",
    "encode",
    "encode_envelope",
    "encode_identity",
    "encode_origin",
    "encode_parts",
    "encode_payload",
    "fingerprint",
    "frame",
    "name_of",
    "unframe",
]

MAX_EVENT_BYTES = 256 * 1024
"""No event's body is larger; whoever appends cuts before."""

MAX_COMMAND_BYTES = 1_000_000
"""No command's body is larger: with its frame and headers it must fit the 1,048,588 bytes of a Kafka message."""

_MAX_BYTES: dict[Kind, int] = {"event": MAX_EVENT_BYTES, "command": MAX_COMMAND_BYTES}
SINGLE_OBJECT = b"\xc3\x01"
HEADER_BYTES = 10
EVENT_ID_BYTES = 16


def encode(name: str, record: object) -> bytes:
    """The body of an event or command: a dict, or a tree of structs whose fields are exactly the schema's.

    Raises UnencodableRecord.
    """
    schema = _latest(name)
    return _within_limit(schema, schema.whole.encode(record))


def encode_payload(name: str, payload: object) -> bytes:
    """The part of an event's body that follows the envelope. Raises UnencodableRecord."""
    return _latest(name).payload.encode(payload)


def encode_envelope(envelope: object) -> bytes:
    """The part of an event's body that is the same in every schema: identity, then origin."""
    return ENVELOPE.encode(envelope)


def encode_identity(event_id: bytes, recorded_at: int, occurred_at: int) -> bytes:
    """The envelope's first three fields, which differ between the events of one command."""
    if len(event_id) != EVENT_ID_BYTES:
        raise UnencodableRecord("Envelope.event_id: not 16 bytes")
    return event_id + long_bytes(recorded_at) + long_bytes(occurred_at)


def encode_origin(envelope: object) -> bytes:
    """The other ten fields of an envelope: one encoding serves all events of a command that have the same cause.

    Raises UnencodableRecord.
    """
    return ORIGIN.encode(envelope)


def encode_parts(name: str, envelope: object, payload: object) -> bytes:
    """An event's body from its two halves; the same bytes as from the whole. Raises UnencodableRecord."""
    schema = _latest(name)
    return _within_limit(schema, ENVELOPE.encode(envelope) + schema.payload.encode(payload))


def fingerprint(name: str, version: int | None = None) -> bytes:
    """CRC-64-AVRO of a schema (its latest version), 8 bytes little-endian."""
    schema = _latest(name) if version is None else SCHEMAS.versions[name][version - 1]
    return schema.fingerprint


def decode(fingerprint: bytes, body: bytes) -> tuple[str, Decoded]:
    """The name and the record of a body that is exactly one record in canonical encoding.

    Raises UnknownFingerprint, UndecodableRecord.
    """
    schema = _by_fingerprint(fingerprint)
    if len(body) > _MAX_BYTES[schema.kind]:
        raise UndecodableRecord(f"{schema.name}: {len(body)} bytes are more than a body may have")
    return schema.name, SCHEMAS.decoder(schema)(body)


def name_of(fingerprint: bytes) -> str:
    """The event or command that bytes with this fingerprint hold. Raises UnknownFingerprint."""
    return _by_fingerprint(fingerprint).name


def frame(fingerprint: bytes, body: bytes) -> bytes:
    """Avro's single-object encoding."""
    return SINGLE_OBJECT + fingerprint + body


def unframe(framed: bytes) -> tuple[bytes, bytes]:
    """Fingerprint and body of a single object. Raises UndecodableRecord."""
    if len(framed) < HEADER_BYTES or not framed.startswith(SINGLE_OBJECT):
        raise UndecodableRecord("not a single object of Avro")
    return framed[len(SINGLE_OBJECT) : HEADER_BYTES], framed[HEADER_BYTES:]


def _latest(name: str) -> Schema:
    return SCHEMAS.latest[name]


def _by_fingerprint(fingerprint: bytes) -> Schema:
    schema = SCHEMAS.by_fingerprint.get(fingerprint)
    if schema is None:
        raise UnknownFingerprint(fingerprint.hex())
    return schema


def _within_limit(schema: Schema, body: bytes) -> bytes:
    if len(body) > _MAX_BYTES[schema.kind]:
        raise UnencodableRecord(f"{schema.name}: {len(body)} bytes are more than a body may have")
    return body
