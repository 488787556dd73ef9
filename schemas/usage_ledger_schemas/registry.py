"""Every schema of the contract, read once from the package's ``.avsc`` files; found by name or by fingerprint."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, cast

from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form

from usage_ledger_schemas.compatibility import refuse_incompatible
from usage_ledger_schemas.dialect import Field, Json, Record, read_record
from usage_ledger_schemas.errors import SchemaRefused
from usage_ledger_schemas.record_shapes import Shape, record_shape
from usage_ledger_schemas.union_branches import Mark, marker

Kind = Literal["event", "command", "frame"]
FOLDERS: Mapping[str, Kind] = {"events": "event", "commands": "command", "frames": "frame"}

ENVELOPE_FIELDS = (
    "event_id",
    "recorded_at",
    "occurred_at",
    "tenant",
    "command_id",
    "source",
    "source_seq",
    "actor",
    "on_behalf_of",
    "causation_id",
    "correlation_id",
    "facts_position",
    "request_hash",
)
"""Every event's schema begins with these, in this order."""


@dataclass(frozen=True)
class Schema:
    """One version of one event or command."""

    kind: Kind
    name: str
    version: int
    document: Mapping[str, Json]
    record: Record

    @cached_property
    def parsed(self) -> dict[str, object]:
        """The schema as fastavro wants it, so that it is not parsed for every record."""
        return cast("dict[str, object]", parse_schema(dict(self.document)))

    @cached_property
    def canonical_form(self) -> str:
        """Avro's Parsing Canonical Form."""
        return to_parsing_canonical_form(self.parsed)

    @cached_property
    def fingerprint(self) -> bytes:
        """CRC-64-AVRO of the canonical form, 8 bytes little-endian as in Avro's single-object encoding."""
        return bytes.fromhex(fingerprint(self.canonical_form, "CRC-64-AVRO"))

    @cached_property
    def shape(self) -> Shape:
        """What checks a record before it is written."""
        return record_shape(self.record)

    @cached_property
    def mark_branches(self) -> Mark:
        """Prepares a checked record for fastavro's writer."""
        namespace = self.document.get("namespace")
        return marker(self.record, f"{namespace}." if namespace else "") or (lambda record: record)


class Registry:
    """The schemas of a contract. Raises SchemaRefused unless all versions of each are compatible with each other."""

    def __init__(self, schemas: list[Schema]) -> None:
        self.versions: dict[str, list[Schema]] = {}
        self.by_fingerprint: dict[bytes, Schema] = {}
        self.envelope: tuple[Field, ...] = ()
        for schema in sorted(schemas, key=lambda schema: (schema.name, schema.version)):
            self._add(schema)
        self.latest: dict[str, Schema] = {name: versions[-1] for name, versions in self.versions.items()}

    def fingerprints_of(self, *names: str) -> list[bytes]:
        """Of every version of these events or commands, so that stored bytes of theirs can be told unread."""
        return [schema.fingerprint for name in names for schema in self.versions[name]]

    def _add(self, schema: Schema) -> None:
        if schema.kind == "event":
            self._refuse_another_envelope(schema)
        versions = self.versions.setdefault(schema.name, [])
        if schema.version != len(versions) + 1:
            raise SchemaRefused(f"{schema.name}: version {len(versions) + 1} is missing or comes twice")
        if schema.fingerprint in self.by_fingerprint:
            raise SchemaRefused(f"{schema.name} v{schema.version} reads like another schema: same fingerprint")
        for older in versions:
            refuse_incompatible(older.record, schema.record)
        versions.append(schema)
        self.by_fingerprint[schema.fingerprint] = schema

    def _refuse_another_envelope(self, event: Schema) -> None:
        envelope = event.record.fields[: len(ENVELOPE_FIELDS)]
        if self.envelope and envelope != self.envelope:
            raise SchemaRefused(f"{event.name} v{event.version}: its envelope is not that of the other events")
        self.envelope = envelope


def read_schema(kind: Kind, version: int, document: Mapping[str, Json]) -> Schema:
    """One ``.avsc`` document. Raises SchemaRefused where it leaves the dialect or an event lacks the envelope."""
    record = read_record(document)
    if kind == "event" and record.field_names[: len(ENVELOPE_FIELDS)] != ENVELOPE_FIELDS:
        raise SchemaRefused(f"{record.name}: an event begins with the envelope's fields")
    return Schema(kind, record.name, version, document, record)


def _read_package() -> Iterator[Schema]:
    for folder, kind in FOLDERS.items():
        for schema_folder in (files("usage_ledger_schemas") / folder).iterdir():
            yield from _read_versions(kind, schema_folder)


def _read_versions(kind: Kind, folder: Traversable) -> Iterator[Schema]:
    for file in folder.iterdir() if folder.is_dir() else ():
        if match := re.fullmatch(r"v(\d+)\.avsc", file.name):
            document = cast("Mapping[str, Json]", json.loads(file.read_text()))
            yield read_schema(kind, int(match[1]), document)


SCHEMAS = Registry(list(_read_package()))
