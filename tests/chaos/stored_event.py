"""Events as they lie in the store, read with plain SQL and decoded with the published schemas alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from fastavro import parse_schema, schemaless_reader
from fastavro.schema import fingerprint, to_parsing_canonical_form
from psycopg import Connection

_EVENTS = """
    SELECT shard, position, stream_id, stream_version, recorded_at, fingerprint, prev_leaf, leaf, body
      FROM ledger.events WHERE shard = %s AND position > %s ORDER BY position
"""


class StoredEvent(NamedTuple):
    """A row of ``ledger.events``. Times are microseconds UTC."""

    shard: int
    position: int
    stream_id: str
    stream_version: int
    recorded_at: int
    fingerprint: bytes
    prev_leaf: bytes
    leaf: bytes
    body: bytes

    @property
    def place(self) -> str:
        """As the service writes positions."""
        return f"{self.shard}-{self.position}"

    def decoded(self) -> tuple[str, Mapping[str, Any]]:
        """Its type and its fields."""
        schema = _schemas()[self.fingerprint]
        return schema["name"].rpartition(".")[2], schemaless_reader(io.BytesIO(self.body), schema)


def events_after(connection: Connection[Any], shard: int, position: int) -> Iterator[StoredEvent]:
    for row in connection.cursor(binary=True).execute(_EVENTS, (shard, position)):
        yield StoredEvent._make(row)


@cache
def _schemas() -> dict[bytes, Any]:
    """Every version of every event, by the fingerprint that its bytes are marked with."""
    folder = files("usage_ledger_schemas") / "events"
    documents = [
        json.loads(file.read_text()) for event in folder.iterdir() if event.is_dir() for file in _versions(event)
    ]
    return {
        bytes.fromhex(fingerprint(to_parsing_canonical_form(document), "CRC-64-AVRO")): parse_schema(document)
        for document in documents
    }


def _versions(event: Any) -> Iterator[Any]:
    return (file for file in event.iterdir() if file.name.endswith(".avsc"))
