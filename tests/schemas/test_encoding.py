from __future__ import annotations

import enum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.avro_reference import reference_encode
from schemas.golden import GOLDENS
from schemas.records import LONGS, as_structs, values_of
from usage_ledger_schemas import codec
from usage_ledger_schemas.registry import ENVELOPE_FIELDS, IDENTITY_FIELDS, SCHEMAS, Schema, read_schema
from usage_ledger_schemas.varint import long_bytes

LATEST = sorted(SCHEMAS.latest.values(), key=lambda schema: schema.name)
EVENTS = [schema for schema in LATEST if schema.kind == "event"]


class Text(enum.StrEnum):
    A = "a"


class Number(int):
    pass


def probe(type_: Any, **more: Any) -> Schema:
    field = {"name": "value", "type": type_, **more}
    return read_schema("command", 1, {"type": "record", "name": "Probe", "fields": [field]})


COLOUR = {"type": "enum", "name": "Colour", "symbols": ["UNKNOWN", "red"], "default": "UNKNOWN"}


@given(st.data())
def test_every_record_that_fits_its_schema_is_written_as_another_library_writes_it(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(LATEST))
    record = data.draw(values_of(schema.record))

    assert codec.encode(schema.name, record) == reference_encode(schema.document, record)


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
    identity = codec.encode_identity(*(event[name] for name in IDENTITY_FIELDS))

    assert codec.encode_parts(schema.name, envelope, payload) == codec.encode(schema.name, event)
    assert identity + codec.encode_origin(envelope) == codec.encode_envelope(envelope)
    assert codec.encode_envelope(envelope) + codec.encode_payload(schema.name, payload) == codec.encode(
        schema.name, event
    )


@given(LONGS)
def test_an_integer_is_written_as_another_library_writes_it(value: int) -> None:
    schema = probe("long")

    assert long_bytes(value) == reference_encode(schema.document, {"value": value})


@pytest.mark.parametrize("value", [0, -1, 63, 64, 8191, 8192, -8192, -8193, 2**27, 2**41, 2**55, 2**63 - 1, -(2**63)])
def test_integers_at_the_borders_of_their_forms_are_written_right(value: int) -> None:
    schema = probe("long")

    assert schema.whole.encode({"value": value}) == reference_encode(schema.document, {"value": value})


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("long", True),
        ("long", 1.0),
        ("long", 1.9),
        ("long", "1"),
        ("long", None),
        ("long", Number(1)),
        ("long", 2**63),
        ("long", -(2**63) - 1),
        ("int", 2**31),
        ("int", -(2**31) - 1),
        ("int", False),
        ("boolean", 1),
        ("boolean", None),
        ("string", b"text"),
        ("string", Text.A),
        ("string", "\ud800"),
        ("string", 5),
        ("bytes", "text"),
        ("bytes", bytearray(b"text")),
        ({"type": "fixed", "name": "Digest", "size": 2}, b"1"),
        ({"type": "fixed", "name": "Digest", "size": 2}, b"123"),
        ({"type": "fixed", "name": "Digest", "size": 2}, "12"),
        (COLOUR, "green"),
        (COLOUR, 1),
        (COLOUR, None),
        (COLOUR, []),
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
        probe(type_).whole.encode({"value": value})


@pytest.mark.parametrize("record", [None, 1, "text", [], object(), {}, {"value": 1, "more": 2}, {"other": 1}])
def test_what_is_not_a_record_of_the_schema_is_refused(record: object) -> None:
    with pytest.raises(codec.UnencodableRecord):
        probe("long").whole.encode(record)


@pytest.mark.parametrize("nothing", [None, [], "", 0, object()])
def test_nothing_at_all_is_not_a_record_without_fields(nothing: object) -> None:
    inner = {"type": "record", "name": "Inner", "fields": []}

    with pytest.raises(codec.UnencodableRecord, match="exactly the fields of WireProxy"):
        codec.encode("WireProxy", nothing)
    with pytest.raises(codec.UnencodableRecord, match="does not fit"):
        probe(inner).whole.encode({"value": nothing})


def test_a_refused_value_is_named_by_its_path() -> None:
    golden = next(golden for golden in GOLDENS if str(golden) == "UsageRecorded-v1-full")
    lines = [golden.record["lines"][0] | {"input": 1.5}]

    with pytest.raises(codec.UnencodableRecord, match=r"UsageRecorded\.lines\[\]\.input: float '1\.5' does not fit"):
        codec.encode("UsageRecorded", golden.record | {"lines": lines})


def test_a_missing_field_takes_its_default() -> None:
    schema = probe(["null", "long"], default=None)

    assert schema.whole.encode({}) == schema.whole.encode({"value": None})


def test_a_null_without_a_default_must_be_said() -> None:
    with pytest.raises(codec.UnencodableRecord, match="Probe needs value"):
        probe(["null", "long"]).whole.encode({})


def test_a_struct_with_other_fields_is_refused() -> None:
    more = msgspec.defstruct("More", ["value", "more"])
    fewer = msgspec.defstruct("Fewer", [])

    for struct in (more(1, 2), fewer()):
        with pytest.raises(codec.UnencodableRecord, match="exactly the fields"):
            probe("long").whole.encode(struct)


def test_a_struct_of_wrong_types_is_refused() -> None:
    shape = msgspec.defstruct("Probe", ["value"])
    schema = probe("long")

    assert schema.whole.encode(shape(1)) == b"\x02"
    with pytest.raises(codec.UnencodableRecord):
        schema.whole.encode(shape(True))


@pytest.mark.parametrize("identity", [(b"short", 1, 1), (bytes(16), 2**63, 1), (bytes(16), 1, -(2**63) - 1)])
def test_an_identity_that_does_not_fit_is_refused(identity: tuple[bytes, int, int]) -> None:
    with pytest.raises(codec.UnencodableRecord):
        codec.encode_identity(*identity)


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
