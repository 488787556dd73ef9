from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.golden import GOLDENS
from schemas.records import as_structs, values_of
from usage_ledger_schemas import bodies, codec
from usage_ledger_schemas.registry import ENVELOPE_FIELDS, SCHEMAS, Schema, read_schema

LATEST = sorted(SCHEMAS.latest.values(), key=lambda schema: schema.name)
EVENTS = [schema for schema in LATEST if schema.kind == "event"]


def probe(type_: Any, **more: Any) -> Schema:
    field = {"name": "value", "type": type_, **more}
    return read_schema("command", 1, {"type": "record", "name": "Probe", "fields": [field]})


COLOUR = {"type": "enum", "name": "Colour", "symbols": ["UNKNOWN", "red"], "default": "UNKNOWN"}


@pytest.mark.parametrize(
    ("type_", "value", "body"),
    [
        ("long", 0, "00"),
        ("long", -1, "01"),
        ("long", 1, "02"),
        ("long", -64, "7f"),
        ("long", 64, "8001"),
        ("int", -(2**31), "ffffffff0f"),
        ("long", 2**63 - 1, "feffffffffffffffff01"),
        ("long", -(2**63), "ffffffffffffffffff01"),
        ("string", "foo", "06666f6f"),
        ("bytes", b"foo", "06666f6f"),
        ("boolean", True, "01"),
        ("boolean", False, "00"),
        (["null", "string"], None, "00"),
        (["null", "string"], "a", "020261"),
        ({"type": "array", "items": "long"}, [3, 27], "04063600"),
        ({"type": "array", "items": "long"}, [], "00"),
        ({"type": "map", "values": "long"}, {"a": 27}, "0202613600"),
        ({"type": "fixed", "name": "Digest", "size": 2}, b"\x0a\x0b", "0a0b"),
        (COLOUR, "red", "02"),
    ],
)
def test_a_value_is_written_as_the_specification_of_avro_says(type_: Any, value: Any, body: str) -> None:
    schema = probe(type_)

    assert bodies.write(schema, {"value": value}).hex() == body
    assert bodies.read(schema, schema, bytes.fromhex(body)) == {"value": value}


@given(st.data())
def test_structs_are_written_like_dicts(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(LATEST))
    record = data.draw(values_of(schema.record))

    assert codec.encode(schema.name, as_structs(schema.record, record)) == codec.encode(schema.name, record)


@given(st.data())
def test_an_event_is_the_concatenation_of_its_parts(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(EVENTS))
    event = data.draw(values_of(schema.record))
    envelope = {name: event[name] for name in ENVELOPE_FIELDS}
    payload = {name: value for name, value in event.items() if name not in envelope}

    assert codec.encode_parts(schema.name, envelope, payload) == codec.encode(schema.name, event)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("long", True),
        ("long", 1.0),
        ("long", 1.9),
        ("long", Decimal(1)),
        ("long", "1"),
        ("long", None),
        ("long", 2**63),
        ("long", -(2**63) - 1),
        ("int", 2**31),
        ("int", -(2**31) - 1),
        ("int", False),
        ("boolean", 1),
        ("boolean", None),
        ("string", b"text"),
        ("string", "\ud800"),
        ("string", 5),
        ("bytes", "text"),
        ({"type": "fixed", "name": "Digest", "size": 2}, b"1"),
        ({"type": "fixed", "name": "Digest", "size": 2}, b"123"),
        ({"type": "fixed", "name": "Digest", "size": 2}, "12"),
        (COLOUR, "green"),
        (COLOUR, 1),
        (COLOUR, None),
        (COLOUR, []),
        (["null", "long"], ("long", 1)),
        (["null", "long"], True),
        (["null", COLOUR], "green"),
        ({"type": "array", "items": "long"}, None),
        ({"type": "array", "items": "long"}, "12"),
        ({"type": "array", "items": "long"}, {1: 2}),
        ({"type": "array", "items": "long"}, [1, True]),
        ({"type": "map", "values": "long"}, None),
        ({"type": "map", "values": "long"}, []),
        ({"type": "map", "values": "long"}, [("a", 1)]),
        ({"type": "map", "values": "long"}, {1: 1}),
        ({"type": "map", "values": "long"}, {"a": 1.5}),
        ({"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}, {"n": 1, "m": 2}),
        ({"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}, {"m": 1}),
        ({"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}, {}),
        ({"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}, [1]),
        ({"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "long"}]}, None),
    ],
)
def test_a_value_that_does_not_fit_exactly_is_refused(type_: Any, value: Any) -> None:
    with pytest.raises(codec.UnencodableRecord):
        bodies.write(probe(type_), {"value": value})


@pytest.mark.parametrize("record", [None, 1, "text", [], object(), {}, {"value": 1, "more": 2}, {"other": 1}])
def test_what_is_not_a_record_of_the_schema_is_refused(record: object) -> None:
    with pytest.raises(codec.UnencodableRecord):
        bodies.write(probe("long"), record)


@pytest.mark.parametrize("nothing", [None, [], "", 0, object()])
def test_nothing_at_all_is_not_a_record_without_fields(nothing: object) -> None:
    inner = {"type": "record", "name": "Inner", "fields": []}

    with pytest.raises(codec.UnencodableRecord, match=r"not a record|unsupported"):
        codec.encode("WireProxy", nothing)
    with pytest.raises(codec.UnencodableRecord, match="Expected `object`"):
        bodies.write(probe(inner), {"value": nothing})


@pytest.mark.parametrize("value", [b"1", b"123"])
def test_a_digest_of_another_length_is_refused_before_it_is_written(value: bytes) -> None:
    with pytest.raises(codec.UnencodableRecord, match="Expected `bytes` of length"):
        bodies.write(probe({"type": "fixed", "name": "Digest", "size": 2}), {"value": value})


def test_a_pair_in_an_optional_field_is_an_array() -> None:
    """fastavro would take it for the name of a branch and a value."""
    schema = probe(["null", {"type": "array", "items": "long"}])

    assert bodies.write(schema, {"value": (3, 27)}).hex() == "0204063600"


def test_a_refused_value_is_named_by_its_path() -> None:
    golden = next(golden for golden in GOLDENS if str(golden) == "UsageRecorded-v1-full")
    lines = [golden.record["lines"][0] | {"input": 1.5}]

    with pytest.raises(
        codec.UnencodableRecord, match=r"UsageRecorded: Expected `int`, got `float` - at `\$\.lines\[0\]\.input`"
    ):
        codec.encode("UsageRecorded", golden.record | {"lines": lines})


def test_a_missing_field_takes_its_default() -> None:
    schema = probe(["null", "long"], default=None)

    assert bodies.write(schema, {}) == bodies.write(schema, {"value": None})


def test_a_null_without_a_default_must_be_said() -> None:
    with pytest.raises(codec.UnencodableRecord, match="missing required field `value`"):
        bodies.write(probe(["null", "long"]), {})


def test_a_struct_with_other_fields_is_refused() -> None:
    more = msgspec.defstruct("More", ["value", "more"])
    fewer = msgspec.defstruct("Fewer", [])

    for struct, reason in ((more(1, 2), "unknown field `more`"), (fewer(), "missing required field `value`")):
        with pytest.raises(codec.UnencodableRecord, match=reason):
            bodies.write(probe("long"), struct)


def test_a_struct_of_wrong_types_is_refused() -> None:
    shape = msgspec.defstruct("Probe", ["value"])
    schema = probe("long")

    assert bodies.write(schema, shape(1)) == b"\x02"
    with pytest.raises(codec.UnencodableRecord):
        bodies.write(schema, shape(True))


@pytest.mark.parametrize("value", [UUID(int=1), Decimal(1), datetime(2026, 1, 1, tzinfo=UTC), b"text"])
def test_what_json_would_make_a_text_of_is_not_a_text(value: object) -> None:
    shape = msgspec.defstruct("Probe", ["value"])

    with pytest.raises(codec.UnencodableRecord):
        bodies.write(probe("string"), shape(value))


def test_a_payload_cannot_overwrite_its_envelope() -> None:
    golden = next(golden for golden in GOLDENS if str(golden) == "CommandRefused-v1-minimal")
    envelope = {name: golden.record[name] for name in ENVELOPE_FIELDS}
    payload = {name: value for name, value in golden.record.items() if name not in envelope}

    with pytest.raises(codec.UnencodableRecord, match="tenant in envelope and payload"):
        codec.encode_parts("CommandRefused", envelope, payload | {"tenant": "another"})


@pytest.mark.parametrize("extra", [0, 1])
def test_an_event_is_at_most_256_kilobytes(extra: int) -> None:
    golden = next(golden for golden in GOLDENS if str(golden) == "CommandRefused-v1-minimal")
    shorter = codec.encode("CommandRefused", golden.record | {"detail": "x" * 20_000})
    room = codec.MAX_EVENT_BYTES - len(shorter)
    record = golden.record | {"detail": "x" * (20_000 + room + extra)}
    parts = {name: record.pop(name) for name in ENVELOPE_FIELDS}

    if extra:
        with pytest.raises(codec.UnencodableRecord, match="more than a body may have"):
            codec.encode("CommandRefused", parts | record)
        with pytest.raises(codec.UnencodableRecord, match="more than a body may have"):
            codec.encode_parts("CommandRefused", parts, record)
    else:
        assert len(codec.encode("CommandRefused", parts | record)) == codec.MAX_EVENT_BYTES
