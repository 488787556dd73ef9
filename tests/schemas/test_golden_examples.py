from __future__ import annotations

from collections.abc import Callable

import pytest

from schemas.golden import GOLDENS, Golden, schema_folder
from usage_ledger_schemas import bodies, codec
from usage_ledger_schemas.dialect import Array, AvroType, Optional, Record
from usage_ledger_schemas.registry import SCHEMAS, Schema

ALL_SCHEMAS = [schema for versions in SCHEMAS.versions.values() for schema in versions]
Decode = Callable[[bytes, bytes], tuple[str, codec.Decoded]]
each_golden = pytest.mark.parametrize("golden", GOLDENS, ids=str)


@each_golden
def test_an_example_encodes_to_its_bytes(golden: Golden) -> None:
    assert bodies.write(golden.schema, golden.record).hex() == golden.body.hex()


@each_golden
def test_the_bytes_of_an_example_decode_to_it(golden: Golden) -> None:
    assert bodies.read_canonical(golden.schema, golden.schema, golden.body) == golden.record


@each_golden
@pytest.mark.parametrize("decode", [codec.decode, codec.decode_strict])
def test_the_latest_version_reads_every_example(golden: Golden, decode: Decode) -> None:
    name, record = decode(golden.schema.fingerprint, golden.body)

    assert name == golden.schema.name
    assert set(record) == set(SCHEMAS.latest[name].record.field_names)


@pytest.mark.parametrize("schema", ALL_SCHEMAS, ids=lambda schema: f"{schema.name}-v{schema.version}")
def test_examples_show_every_optional_field_with_and_without_a_value(schema: Schema) -> None:
    records = [golden.record for golden in GOLDENS if golden.schema is schema]

    assert records
    for record in records:
        assert list(record) == list(schema.record.field_names)
    assert set(_states(schema.record, records)) >= {
        (path, state) for path in _optional_paths(schema.record) for state in (None, "given")
    }


def test_no_example_is_left_unread() -> None:
    files = {file for schema in ALL_SCHEMAS for file in (schema_folder(schema) / "examples").iterdir()}

    assert len(files) == 2 * len(GOLDENS)


def _optional_paths(type_: AvroType, path: str = "") -> set[str]:
    match type_:
        case Record():
            return {found for field in type_.fields for found in _optional_paths(field.type, f"{path}.{field.name}")}
        case Array():
            return _optional_paths(type_.items, path)
        case Optional():
            return {path} | _optional_paths(type_.of, path)
        case _:
            return set()


def _states(type_: AvroType, values: list[object], path: str = "") -> set[tuple[str, str | None]]:
    match type_:
        case Record():
            return {
                state
                for field in type_.fields
                for state in _states(field.type, [value[field.name] for value in values], f"{path}.{field.name}")  # pyright: ignore
            }
        case Array():
            return _states(type_.items, [item for value in values for item in value], path)  # pyright: ignore
        case Optional():
            given = [value for value in values if value is not None]
            return {(path, None if value is None else "given") for value in values} | _states(type_.of, given, path)
        case _:
            return set()
