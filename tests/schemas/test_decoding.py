from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.golden import GOLDENS, Golden
from schemas.records import values_of
from usage_ledger_schemas import bodies, codec
from usage_ledger_schemas.registry import SCHEMAS, Schema, read_schema

LATEST = sorted(SCHEMAS.latest.values(), key=lambda schema: schema.name)
each_golden = pytest.mark.parametrize("golden", GOLDENS, ids=str)
COLOUR = {"type": "enum", "name": "Colour", "symbols": ["UNKNOWN", "red"], "default": "UNKNOWN"}


Decode = Callable[[bytes, bytes], tuple[str, codec.Decoded]]
both_doors = pytest.mark.parametrize("decode", [codec.decode, codec.decode_strict])


def probe(type_: Any) -> Schema:
    field = {"name": "value", "type": type_}
    return read_schema("command", 1, {"type": "record", "name": "Probe", "fields": [field]})


@given(st.data())
def test_what_was_encoded_decodes_to_the_same_record(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(LATEST))
    record = data.draw(values_of(schema.record))
    body = codec.encode(schema.name, record)

    assert codec.decode(schema.fingerprint, body) == (schema.name, record)
    assert codec.decode_strict(schema.fingerprint, body) == (schema.name, record)


@both_doors
@each_golden
def test_a_body_followed_by_more_is_refused(golden: Golden, decode: Decode) -> None:
    with pytest.raises(codec.UndecodableRecord):
        decode(golden.schema.fingerprint, golden.body + b"\x00")


@both_doors
@each_golden
def test_a_body_cut_anywhere_is_refused(golden: Golden, decode: Decode) -> None:
    for end in range(len(golden.body)):
        with pytest.raises(codec.UndecodableRecord):
            decode(golden.schema.fingerprint, golden.body[:end])


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        pytest.param("long", b"\xff" * 5000, id="endless integer"),
        pytest.param("string", b"\x04a", id="shorter than it says"),
        pytest.param("string", b"\x03a", id="negative length"),
        pytest.param("bytes", b"\x03a", id="negative length of bytes"),
        pytest.param("string", b"\x02\xff", id="not UTF-8"),
        pytest.param("string", b"\x06\xed\xa0\x80", id="half a character"),
        pytest.param("string", b"\x04\xc0\x80", id="overlong character"),
        pytest.param("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", id="longest length"),
        pytest.param({"type": "fixed", "name": "Digest", "size": 4}, b"abc", id="fixed cut"),
        pytest.param(COLOUR, b"\x04", id="enum index above"),
        pytest.param(["null", "long"], b"\x04", id="union branch above"),
        pytest.param(["null", "long"], b"\x01", id="union branch below"),
        pytest.param({"type": "array", "items": "boolean"}, b"\x03\x01\x00", id="negative count"),
        pytest.param({"type": "array", "items": "boolean"}, b"\x02\x01\x01", id="block ended otherwise"),
        pytest.param({"type": "array", "items": "boolean"}, b"\x02\x01", id="block without end"),
        pytest.param({"type": "array", "items": "boolean"}, b"\xfe\xff\xff\xff\x0f", id="a billion in five bytes"),
        pytest.param({"type": "map", "values": "boolean"}, b"\xfe\xff\xff\xff\x0f", id="map of a billion"),
    ],
)
def test_what_is_no_encoding_at_all_is_refused(type_: Any, body: bytes) -> None:
    schema = probe(type_)

    for read in (bodies.read, bodies.read_canonical):
        with pytest.raises(codec.UndecodableRecord):
            read(schema, schema, body)


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        pytest.param("long", b"\x80\x00", id="overlong zero"),
        pytest.param("long", b"\x82\x80\x00", id="overlong one"),
        pytest.param("long", b"\xff" * 9 + b"\x02", id="more than 64 bits"),
        pytest.param("long", b"\xff" * 10 + b"\x01", id="eleven bytes"),
        pytest.param("int", b"\x80\x80\x80\x80\x10", id="more than 32 bits"),
        pytest.param("boolean", b"\x02", id="neither true nor false"),
        pytest.param(COLOUR, b"\x01", id="enum index below"),
        pytest.param(["null", "long"], b"\x80\x00", id="overlong branch"),
        pytest.param({"type": "array", "items": "boolean"}, b"\x01\x02\x01\x00", id="block with byte size"),
        pytest.param({"type": "array", "items": "boolean"}, b"\x02\x01\x02\x01\x00", id="two blocks"),
        pytest.param({"type": "map", "values": "boolean"}, b"\x04\x02a\x01\x02a\x01\x00", id="key twice"),
        pytest.param({"type": "map", "values": "boolean"}, b"\x03\x08\x02a\x01\x02b\x01\x00", id="map with byte size"),
    ],
)
def test_a_form_that_nobody_needs_to_write_does_not_pass_a_trust_boundary(type_: Any, body: bytes) -> None:
    schema = probe(type_)

    with pytest.raises(codec.UndecodableRecord):
        bodies.read_canonical(schema, schema, body)


def test_bytes_of_an_unknown_schema_are_refused() -> None:
    with pytest.raises(codec.UnknownFingerprint):
        codec.decode(bytes(8), b"")
    with pytest.raises(codec.UnknownFingerprint):
        codec.decode_strict(bytes(8), b"")
    with pytest.raises(codec.UnknownFingerprint):
        codec.name_of(bytes(8))


@both_doors
@pytest.mark.parametrize(("name", "limit"), [("CommandRefused", 256 * 1024), ("RecordUsage", 1_000_000)])
def test_a_body_above_the_limit_is_refused_unread(name: str, limit: int, decode: Decode) -> None:
    with pytest.raises(codec.UndecodableRecord, match="more than a body may have"):
        decode(codec.fingerprint(name), bytes(limit + 1))


@each_golden
def test_a_frame_is_the_single_object_encoding_of_avro(golden: Golden) -> None:
    framed = codec.frame(golden.schema.fingerprint, golden.body)

    assert framed == b"\xc3\x01" + golden.schema.fingerprint + golden.body
    assert codec.unframe(framed) == (golden.schema.fingerprint, golden.body)
    assert codec.name_of(codec.unframe(framed)[0]) == golden.schema.name


@pytest.mark.parametrize("framed", [b"", b"\xc3\x01", b"\xc3\x01" + bytes(7), b"\xc3\x02" + bytes(8), b"{" * 40])
def test_what_is_not_a_frame_is_refused(framed: bytes) -> None:
    with pytest.raises(codec.UndecodableRecord):
        codec.unframe(framed)


def test_a_fingerprint_is_that_of_the_version_or_of_the_latest() -> None:
    for schema in LATEST:
        assert codec.fingerprint(schema.name) == schema.fingerprint
        assert codec.fingerprint(schema.name, schema.version) == schema.fingerprint
