"""The golden examples: records as JSON beside their bytes.

In the JSON, ``fixed`` values are hexadecimal and ``bytes`` are text, a character a byte, as in Avro's own JSON
encoding; everything else is as in a record.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import usage_ledger_schemas
from usage_ledger_schemas.dialect import Array, AvroType, Fixed, Map, Optional, Primitive, Record
from usage_ledger_schemas.registry import FOLDERS, SCHEMAS, Schema

PACKAGE = Path(usage_ledger_schemas.__file__).parent


@dataclass(frozen=True)
class Golden:
    schema: Schema
    what: str
    record: dict[str, Any]
    body: bytes

    def __str__(self) -> str:
        return f"{self.schema.name}-v{self.schema.version}-{self.what}"


def schema_folder(schema: Schema) -> Path:
    folder = next(folder for folder, kind in FOLDERS.items() if kind == schema.kind)
    return PACKAGE / folder / re.sub(r"(?<!^)(?=[A-Z])", "_", schema.name).lower()


def schema_file(schema: Schema) -> Path:
    return schema_folder(schema) / f"v{schema.version}.avsc"


def read_goldens() -> list[Golden]:
    return [golden for versions in SCHEMAS.versions.values() for schema in versions for golden in _of(schema)]


def _of(schema: Schema) -> list[Golden]:
    files = sorted((schema_folder(schema) / "examples").glob(f"v{schema.version}-*.json"))
    return [
        Golden(
            schema,
            file.stem.partition("-")[2],
            binary(schema.record, json.loads(file.read_text())),
            bytes.fromhex(file.with_suffix(".hex").read_text()),
        )
        for file in files
    ]


def binary(type_: AvroType, value: Any) -> Any:
    """The value with its hexadecimal and text forms turned into bytes."""
    match type_:
        case Record():
            return {name: binary(_field(type_, name), inner) for name, inner in value.items()}
        case Array():
            return [binary(type_.items, item) for item in value]
        case Map():
            return {key: binary(type_.values, inner) for key, inner in value.items()}
        case Optional():
            return None if value is None else binary(type_.of, value)
        case Fixed():
            return bytes.fromhex(value)
        case Primitive("bytes"):
            return value.encode("latin-1")
        case _:
            return value


def _field(record: Record, name: str) -> AvroType:
    return next(field.type for field in record.fields if field.name == name)


GOLDENS = read_goldens()
