"""Records to Avro bodies and back: msgspec judges what is written, fastavro knows the format.

fastavro's reader alone is lenient: it takes integers longer than they need be or beyond 64 bits, booleans other than 0
and 1, negative indexes, arrays in many blocks. ``read`` is for bytes that this release or an older one wrote;
``read_canonical`` is for all others. Neither allocates what a length in the bytes claims: fastavro reads from a buffer
that gives what it has, and no item of the dialect takes no bytes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias, cast
from uuid import UUID

import fastavro
import msgspec

from usage_ledger_schemas.errors import UndecodableRecord, UnencodableRecord
from usage_ledger_schemas.registry import Schema

Decoded: TypeAlias = dict[str, Any]

# fastavro's hints leave open what an IO is of.
_avro_write = fastavro.schemaless_writer  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_avro_read = fastavro.schemaless_reader  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

_BYTES = (bytes,)

# Left as they are in structs, so that they are refused. msgspec would make texts of them.
_UNCHANGED = (bytes, bytearray, memoryview, Decimal, UUID, dt.datetime, dt.date, dt.time, dt.timedelta)


def as_fields(record: object) -> dict[str, object]:
    """A record's fields by name: the dict itself, or a tree of structs turned into one. Raises UnencodableRecord."""
    if isinstance(record, dict):
        return cast("dict[str, object]", record)
    try:
        fields = msgspec.to_builtins(record, builtin_types=_UNCHANGED)
    except (TypeError, ValueError) as error:
        raise UnencodableRecord(str(error)) from error
    if not isinstance(fields, dict):
        raise UnencodableRecord(f"{type(record).__name__} is not a record")
    return cast("dict[str, object]", fields)


def write(schema: Schema, record: object) -> bytes:
    """The body of a record that fits the schema exactly. Raises UnencodableRecord."""
    fields = as_fields(record)
    body = BytesIO()
    try:
        msgspec.convert(fields, schema.shape, strict=True, builtin_types=_BYTES)
        _avro_write(body, schema.parsed, schema.mark_branches(fields))
    except (TypeError, ValueError) as error:
        raise UnencodableRecord(f"{schema.name}: {error}") from error
    return body.getvalue()


def read(writer: Schema, reader: Schema, body: bytes) -> Decoded:
    """A record in the reader's shape from a body by the writer, all of it. Raises UndecodableRecord.

    The two must be compatible (``compatibility.py``): fields that the reader adds get their defaults, those it lacks
    are left out, symbols it does not know become ``UNKNOWN``.
    """
    source = BytesIO(body)
    try:
        record = _avro_read(source, writer.parsed, None if writer is reader else reader.parsed)
    except (EOFError, LookupError, ValueError) as error:
        raise UndecodableRecord(f"{writer.name}: {type(error).__name__} {error}") from error
    if source.tell() != len(body):
        raise UndecodableRecord(f"{writer.name}: more bytes than the record")
    # A default list comes from the schema itself: every record gets its own.
    return cast("Decoded", record if writer is reader else msgspec.to_builtins(record, builtin_types=_BYTES))


def read_canonical(writer: Schema, reader: Schema, body: bytes) -> Decoded:
    """As ``read``, of a body that is the very one that ``write`` makes of the record. Raises UndecodableRecord."""
    record = read(writer, writer, body)
    try:
        written = write(writer, record)
    except UnencodableRecord as error:
        raise UndecodableRecord(str(error)) from error
    if written != body:
        raise UndecodableRecord(f"{writer.name}: not the canonical encoding")
    return record if writer is reader else read(writer, reader, body)
