from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.golden import PACKAGE, schema_file
from usage_ledger_schemas.registry import ENVELOPE_FIELDS, FOLDERS, SCHEMAS, Schema

ALL_SCHEMAS = [schema for versions in SCHEMAS.versions.values() for schema in versions]
EVENTS = [schema for schema in ALL_SCHEMAS if schema.kind == "event"]
each_schema = pytest.mark.parametrize("schema", ALL_SCHEMAS, ids=lambda schema: f"{schema.name}-v{schema.version}")


@each_schema
def test_a_published_schema_never_changes(schema: Schema) -> None:
    digest = hashlib.sha256(schema_file(schema).read_bytes()).hexdigest()

    assert f"{schema.name} v{schema.version} {schema.fingerprint.hex()} {digest}" in _pins()


def test_a_published_schema_is_never_removed() -> None:
    assert len(_pins()) == len(ALL_SCHEMAS) == len(list(PACKAGE.glob("*/*/v*.avsc")))


@each_schema
def test_a_schema_lies_where_its_name_and_kind_say(schema: Schema) -> None:
    assert json.loads(schema_file(schema).read_text()) == schema.document
    assert schema.document["namespace"] == "usage_ledger"


@each_schema
def test_a_fingerprint_is_the_rabin_fingerprint_of_the_canonical_form_lowest_byte_first(schema: Schema) -> None:
    assert schema.fingerprint == _rabin(_canonical(schema.document).encode()).to_bytes(8, "little")


def test_our_witness_of_fingerprints_knows_the_one_that_avro_publishes() -> None:
    assert _rabin(b'"int"') == 0x7275D51A3F395C8F


def test_all_events_begin_with_the_same_envelope() -> None:
    prefixes = {json.dumps(schema.document["fields"][: len(ENVELOPE_FIELDS)]) for schema in EVENTS}  # pyright: ignore

    assert len(prefixes) == 1


@each_schema
def test_no_number_is_inexact_and_no_type_is_logical(schema: Schema) -> None:
    nodes = list(_nodes(schema.document))

    assert not {"float", "double"} & {node for node in nodes if isinstance(node, str)}
    assert not [node for node in nodes if isinstance(node, dict) and ("logicalType" in node or "precision" in node)]


@each_schema
def test_every_enum_has_unknown_to_fall_back_to(schema: Schema) -> None:
    for node in _nodes(schema.document):
        if isinstance(node, dict) and node.get("type") == "enum":
            assert node["symbols"][0] == node["default"] == "UNKNOWN"


def test_commands_and_events_are_told_apart_by_their_folders() -> None:
    assert {schema.kind for schema in ALL_SCHEMAS} == set(FOLDERS.values())


def _pins() -> list[str]:
    lines = (PACKAGE / "fingerprints.txt").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in inner:
        yield from _nodes(child)


def _canonical(node: Any, namespace: str = "usage_ledger", named: frozenset[str] = frozenset()) -> str:
    """Avro's Parsing Canonical Form, straight from its specification."""
    names = _names_in(node) | named
    if isinstance(node, str):
        return json.dumps(f"{namespace}.{node}" if node in names else node)
    if isinstance(node, list):
        return f"[{','.join(_canonical(branch, namespace, names) for branch in node)}]"
    parts = [
        f'"{key}":{_canonical_attribute(key, node, namespace, names)}'
        for key in ("name", "type", "fields", "symbols", "items", "values", "size")
        if key in node
    ]
    return f"{{{','.join(parts)}}}"


def _canonical_attribute(key: str, node: dict[str, Any], namespace: str, names: frozenset[str]) -> str:
    if key == "name":
        return json.dumps(f"{namespace}.{node['name']}")
    if key == "fields":
        fields = (
            f'{{"name":{json.dumps(field["name"])},"type":{_canonical(field["type"], namespace, names)}}}'
            for field in node["fields"]
        )
        return f"[{','.join(fields)}]"
    if key in ("items", "values"):
        return _canonical(node[key], namespace, names)
    return json.dumps(node[key], separators=(",", ":"))


def _names_in(node: Any) -> frozenset[str]:
    return frozenset(
        found["name"]
        for found in _nodes(node)
        if isinstance(found, dict) and found.get("type") in ("record", "enum", "fixed")
    )


def _rabin(data: bytes) -> int:
    """CRC-64-AVRO, straight from Avro's specification."""
    empty = 0xC15D213AA4D7A795
    result = empty
    for byte in data:
        result ^= byte
        for _ in range(8):
            result = result >> 1 ^ (empty & -(result & 1))
    return result
