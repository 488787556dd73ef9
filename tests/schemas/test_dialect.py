from __future__ import annotations

from typing import Any

import pytest

from usage_ledger_schemas.codec import SchemaRefused
from usage_ledger_schemas.dialect import Array, Enum, Field, Fixed, Map, Optional, Primitive, Record, read_record
from usage_ledger_schemas.registry import ENVELOPE_FIELDS, SCHEMAS, Registry, read_schema

UNIT = {"type": "record", "name": "Unit", "fields": []}


def a_record(*fields: dict[str, Any], name: str = "Fact") -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "usage_ledger", "fields": list(fields)}


def a_field(type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": "value", "type": type_, **more}


@pytest.mark.parametrize(
    ("type_", "reason"),
    [
        ("float", "not a type"),
        ("double", "not a type"),
        ("null", "not a type"),
        ({"type": "long", "logicalType": "timestamp-micros"}, "logicalType"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9}, "logicalType"),
        (["null", "long", "string"], "only union"),
        (["long", "null"], "only union"),
        (["null", "Fact"], "contains itself"),
        ({"type": "array", "items": "Fact"}, "contains itself"),
        ({"type": "array", "items": UNIT}, "must take bytes"),
        ({"type": "array", "items": {"type": "fixed", "name": "Nothing", "size": 0}}, "must take bytes"),
        ({"type": "enum", "name": "Colour", "symbols": ["red"]}, "default is UNKNOWN"),
        ({"type": "enum", "name": "Colour", "symbols": ["UNKNOWN", "red"], "default": "red"}, "default is UNKNOWN"),
        ({"type": "enum", "name": "Colour", "symbols": ["red"], "default": "UNKNOWN"}, "default is UNKNOWN"),
        ({"type": "record", "name": "Fact", "fields": []}, "defined twice"),
        ({"type": "record", "name": "a b", "fields": []}, "not a name"),
        ({"type": "record", "name": "New", "aliases": ["Old"], "fields": []}, "aliases"),
        (7, "not a type"),
    ],
)
def test_what_the_contract_does_not_allow_is_refused(type_: Any, reason: str) -> None:
    with pytest.raises(SchemaRefused, match=reason):
        read_record(a_record(a_field(type_)))


@pytest.mark.parametrize("more", [{"aliases": ["old"]}, {"order": "ignore"}])
def test_a_field_has_no_attributes_that_change_how_it_is_read(more: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefused, match=next(iter(more))):
        read_record(a_record(a_field("long", **more)))


def test_the_default_of_an_optional_field_is_null() -> None:
    with pytest.raises(SchemaRefused, match="default"):
        read_record(a_record(a_field(["null", "long"], default=1)))


def test_the_top_of_a_schema_is_a_record() -> None:
    with pytest.raises(SchemaRefused, match="record"):
        read_record({"type": "fixed", "name": "Digest", "size": 16})


def test_every_type_of_the_dialect_is_read() -> None:
    enum = {"type": "enum", "name": "Colour", "symbols": ["UNKNOWN", "red"], "default": "UNKNOWN"}
    digest = {"type": "fixed", "name": "Digest", "size": 2}
    types = [enum, "Colour", digest, {"type": "map", "values": "string"}, {"type": "array", "items": ["null", "int"]}]

    record = read_record(a_record(*({"name": f"f{place}", "type": type_} for place, type_ in enumerate(types))))

    assert [field.type for field in record.fields] == [
        Enum("Colour", ("UNKNOWN", "red")),
        Enum("Colour", ("UNKNOWN", "red")),
        Fixed("Digest", 2),
        Map(Primitive("string")),
        Array(Optional(Primitive("int"))),
    ]


def test_a_default_of_null_is_not_the_absence_of_a_default() -> None:
    optional = read_record(a_record(a_field(["null", "long"], default=None)))
    required = read_record(a_record(a_field(["null", "long"])))

    assert optional == Record("Fact", (Field("value", Optional(Primitive("long")), None),))
    assert optional != required


def test_an_event_without_the_envelope_is_refused() -> None:
    with pytest.raises(SchemaRefused, match="envelope"):
        read_schema("event", 1, a_record(a_field("long")))


def test_an_event_whose_envelope_is_typed_otherwise_is_refused() -> None:
    fields = ({"name": name, "type": "string"} for name in ENVELOPE_FIELDS)
    other = read_schema("event", 1, a_record(*fields))

    with pytest.raises(SchemaRefused, match="envelope"):
        Registry([SCHEMAS.versions["AccountOpened"][0], other])


def test_versions_are_counted_without_holes() -> None:
    with pytest.raises(SchemaRefused, match="version 1 is missing"):
        Registry([read_schema("command", 2, a_record(a_field("long")))])


def test_two_schemas_that_read_alike_are_refused() -> None:
    """A changed default leaves the fingerprint, so bytes could not say which of the two wrote them."""
    versions = [
        read_schema("command", version, a_record(a_field("long", default=version), name="Alike")) for version in (1, 2)
    ]

    with pytest.raises(SchemaRefused, match="same fingerprint"):
        Registry(versions)
