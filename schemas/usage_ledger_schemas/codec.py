"""From records to bytes and back. Bodies are plain Avro, written and read by fastavro.

Encoding validates: exact ``int``s of 64 (or 32) bits and never ``bool`` or ``float``, no unknown field, none missing
that has no default. Decoding has two doors. ``decode`` is for bytes of our own, from the store and from the events
topic. ``decode_strict`` is for a trust boundary, where bytes come from outside or out of an archive.

It does not resolve names of versions for the caller: ``encode`` writes the latest version, both decoders answer records
of the latest version, whichever version wrote the bytes.
"""

from __future__ import annotations

from usage_ledger_schemas import bodies
from usage_ledger_schemas.bodies import Decoded
from usage_ledger_schemas.errors import SchemaRefused, UndecodableRecord, UnencodableRecord, UnknownFingerprint
from usage_ledger_schemas.registry import SCHEMAS, Kind, Schema

__all__ = [
    "MAX_COMMAND_BYTES",
    "MAX_EVENT_BYTES",
    "MAX_FRAME_BYTES",
    "Decoded",
    "SchemaRefused",
    "UndecodableRecord",
    "UnencodableRecord",
    "UnknownFingerprint",
    "decode",
    "decode_strict",
    "encode",
    "encode_parts",
    "fingerprint",
    "frame",
    "name_of",
    "unframe",
]

MAX_EVENT_BYTES = 256 * 1024
"""No event's body is larger; whoever appends cuts before."""

MAX_COMMAND_BYTES = 1_000_000
"""No command's body is larger: with its frame and headers it must fit the 1,048,588 bytes of a Kafka message."""

MAX_FRAME_BYTES = MAX_COMMAND_BYTES + 4_096
"""No frame around a command, and no outcome, is larger: ids and whatever else is in it have room beside the command."""

_MAX_BYTES: dict[Kind, int] = {"event": MAX_EVENT_BYTES, "command": MAX_COMMAND_BYTES, "frame": MAX_FRAME_BYTES}
SINGLE_OBJECT = b"\xc3\x01"
HEADER_BYTES = 10


def encode(name: str, record: object) -> bytes:
    """The body of an event or command: a dict, or a tree of structs whose fields are exactly the schema's.

    Raises UnencodableRecord.
    """
    schema = SCHEMAS.latest[name]
    body = bodies.write(schema, record)
    if len(body) > _MAX_BYTES[schema.kind]:
        raise UnencodableRecord(f"{schema.name}: {len(body)} bytes are more than a body may have")
    return body


def encode_parts(name: str, envelope: object, payload: object) -> bytes:
    """An event's body from its two halves; the same bytes as from the whole. Raises UnencodableRecord."""
    first, second = bodies.as_fields(envelope), bodies.as_fields(payload)
    if twice := first.keys() & second.keys():
        raise UnencodableRecord(f"{name}: {', '.join(sorted(twice))} in envelope and payload")
    return encode(name, first | second)


def fingerprint(name: str, version: int | None = None) -> bytes:
    """CRC-64-AVRO of a schema (its latest version), 8 bytes little-endian."""
    schema = SCHEMAS.latest[name] if version is None else SCHEMAS.versions[name][version - 1]
    return schema.fingerprint


def decode(fingerprint: bytes, body: bytes) -> tuple[str, Decoded]:
    """The name and the record of a body of our own: exactly one record, in Avro's encoding.

    Raises UnknownFingerprint, UndecodableRecord.
    """
    writer = _writer(fingerprint, body)
    return writer.name, bodies.read(writer, SCHEMAS.latest[writer.name], body)


def decode_strict(fingerprint: bytes, body: bytes) -> tuple[str, Decoded]:
    """The name and the record of a body from anywhere: valid, and encoded as ``encode`` does it, to the byte.

    Raises UnknownFingerprint, UndecodableRecord.
    """
    writer = _writer(fingerprint, body)
    return writer.name, bodies.read_canonical(writer, SCHEMAS.latest[writer.name], body)


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


def _writer(fingerprint: bytes, body: bytes) -> Schema:
    """The schema that wrote a body. A body that is too large is refused unread."""
    schema = _by_fingerprint(fingerprint)
    if len(body) > _MAX_BYTES[schema.kind]:
        raise UndecodableRecord(f"{schema.name}: {len(body)} bytes are more than a body may have")
    return schema


def _by_fingerprint(fingerprint: bytes) -> Schema:
    schema = SCHEMAS.by_fingerprint.get(fingerprint)
    if schema is None:
        raise UnknownFingerprint(fingerprint.hex())
    return schema
