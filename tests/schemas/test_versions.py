"""Schemas may change only so that every version reads every other, both ways."""

from __future__ import annotations

import copy
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.golden import GOLDENS, Golden
from schemas.records import values_of
from usage_ledger_schemas import bodies, codec
from usage_ledger_schemas.codec import SchemaRefused
from usage_ledger_schemas.compatibility import refuse_incompatible
from usage_ledger_schemas.dialect import UNKNOWN, Array, AvroType, Enum, Map, Optional, Record
from usage_ledger_schemas.registry import SCHEMAS, Registry, Schema, read_schema

V1: dict[str, Any] = {
    "type": "record",
    "name": "TrialEnded",
    "namespace": "usage_ledger",
    "fields": [
        {"name": "account_id", "type": "string"},
        {"name": "amount", "type": "long", "default": 0},
        {
            "name": "cause",
            "type": {"type": "enum", "name": "Cause", "symbols": ["UNKNOWN", "time"], "default": "UNKNOWN"},
        },
        {
            "name": "lots",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Lot", "fields": [{"name": "id", "type": "string"}]},
            },
        },
        {"name": "tags", "type": {"type": "map", "values": "string"}},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
}

REUSING: dict[str, Any] = V1 | {
    "fields": [*V1["fields"], {"name": "largest_lot", "type": ["null", "Lot"], "default": None}]
}


def version(number: int, document: dict[str, Any]) -> Schema:
    return read_schema("command", number, document)


def as_read(writer: AvroType, reader: AvroType, value: Any) -> Any:
    """What the reader's version makes of a value, by Avro's rules of schema resolution."""
    match writer, reader:
        case Record(), Record():
            written = {field.name: field.type for field in writer.fields}
            return {
                field.name: as_read(written[field.name], field.type, value[field.name])
                if field.name in written
                else field.default
                for field in reader.fields
            }
        case Array(), Array():
            return [as_read(writer.items, reader.items, item) for item in value]
        case Map(), Map():
            return {key: as_read(writer.values, reader.values, inner) for key, inner in value.items()}
        case Optional(), Optional():
            return None if value is None else as_read(writer.of, reader.of, value)
        case Enum(), Enum():
            return value if value in reader.symbols else UNKNOWN
        case _:
            return value


def evolved() -> dict[str, Any]:
    """A second version with everything that is allowed: fields come and go, in nested records too, and a symbol.

    A named type may also be defined at another place than before.
    """
    document = copy.deepcopy(REUSING)
    fields = {field["name"]: field for field in document["fields"]}
    del fields["note"]
    fields["cause"]["type"]["symbols"].append("budget")
    lot = fields["lots"]["type"]["items"]
    lot["fields"].insert(0, {"name": "labels", "type": {"type": "array", "items": "string"}, "default": []})
    fields["lots"]["type"]["items"] = "Lot"
    largest = fields.pop("largest_lot") | {"type": ["null", lot]}
    document["fields"] = [{"name": "region", "type": "string", "default": "eu"}, largest, *fields.values()]
    return document


@given(st.data())
def test_both_versions_read_each_other_and_fill_in_what_is_missing(data: st.DataObject) -> None:
    schemas = [version(1, REUSING), version(2, evolved())]
    writer, reader = data.draw(st.sampled_from(list(permutations(schemas))))
    record = data.draw(values_of(writer.record))
    body = bodies.write(writer, record)

    expected = as_read(writer.record, reader.record, record)
    assert bodies.read(writer, reader, body) == bodies.read_canonical(writer, reader, body) == expected


def test_bytes_of_every_version_are_read_as_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = version(1, REUSING), version(2, evolved())
    monkeypatch.setattr(codec, "SCHEMAS", Registry([second, first]))
    record = {"account_id": "a", "amount": 1, "cause": "time", "lots": [{"id": "l"}], "tags": {}, "note": "n"}
    body = bodies.write(first, record)

    latest = {
        "region": "eu",
        "account_id": "a",
        "amount": 1,
        "cause": "time",
        "lots": [{"labels": [], "id": "l"}],
        "largest_lot": None,
        "tags": {},
    }
    assert codec.decode(first.fingerprint, body) == ("TrialEnded", latest)
    assert codec.decode_strict(first.fingerprint, body) == ("TrialEnded", latest)


def test_a_symbol_that_an_older_reader_does_not_know_is_unknown_to_it() -> None:
    first, second = version(1, REUSING), version(2, evolved())
    body = bodies.write(second, {"account_id": "a", "cause": "budget", "lots": [], "tags": {}})

    assert bodies.read(second, first, body)["cause"] == "UNKNOWN"


def test_a_default_list_belongs_to_one_record_only() -> None:
    first, second = version(1, REUSING), version(2, evolved())
    body = bodies.write(first, {"account_id": "a", "cause": "time", "lots": [{"id": "l"}, {"id": "m"}], "tags": {}})

    lots = bodies.read(first, second, body)["lots"]

    assert lots[0]["labels"] is not lots[1]["labels"]


def with_field(changed: str, **change: Any) -> dict[str, Any]:
    document = copy.deepcopy(V1)
    fields = [field | change if field["name"] == changed else field for field in document["fields"]]
    return document | {"fields": fields}


def without_field(name: str) -> dict[str, Any]:
    return V1 | {"fields": [field for field in V1["fields"] if field["name"] != name]}


def with_enum(symbols: list[str], name: str = "Cause") -> dict[str, Any]:
    return with_field("cause", type={"type": "enum", "name": name, "symbols": symbols, "default": "UNKNOWN"})


INCOMPATIBLE = {
    "a field without a default is added": V1 | {"fields": [*V1["fields"], {"name": "new", "type": "long"}]},
    "a field without a default is removed": without_field("account_id"),
    "a field is renamed": with_field("account_id", name="account"),
    "a type is widened": with_field("amount", type="int"),
    "a type changes": with_field("account_id", type="bytes"),
    "a value becomes optional": with_field("account_id", type=["null", "string"], default=None),
    "an optional value becomes required": with_field("note", type="string", default=""),
    "an optional value changes its type": with_field("note", type=["null", "long"]),
    "a symbol is lost": with_enum(["UNKNOWN"]),
    "a symbol is renamed": with_enum(["UNKNOWN", "expiry"]),
    "an enum is renamed": with_enum(["UNKNOWN", "time"], name="Reason"),
    "a map changes its values": with_field("tags", type={"type": "map", "values": "long"}),
    "an array changes its items": with_field("lots", type={"type": "array", "items": "string"}),
    "a nested record is renamed": with_field(
        "lots",
        type={
            "type": "array",
            "items": {"type": "record", "name": "Share", "fields": [{"name": "id", "type": "string"}]},
        },
    ),
    "a nested record gains a field without a default": with_field(
        "lots",
        type={
            "type": "array",
            "items": {
                "type": "record",
                "name": "Lot",
                "fields": [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}],
            },
        },
    ),
}


@pytest.mark.parametrize("document", INCOMPATIBLE.values(), ids=INCOMPATIBLE.keys())
def test_an_incompatible_second_version_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefused, match="TrialEnded"):
        Registry([version(1, V1), version(2, document)])


def test_a_third_version_must_be_compatible_with_the_first_too() -> None:
    """A field that goes and comes back as another type is compatible with each neighbour, not with the first."""
    gone = without_field("amount")
    back = V1 | {"fields": [*gone["fields"], {"name": "amount", "type": "string", "default": ""}]}
    Registry([version(1, V1), version(2, gone)])
    Registry([version(1, gone), version(2, back)])

    with pytest.raises(SchemaRefused, match="amount"):
        Registry([version(1, V1), version(2, gone), version(3, back)])


def test_all_published_versions_are_compatible_with_each_other() -> None:
    for versions in SCHEMAS.versions.values():
        for older, newer in combinations(versions, 2):
            refuse_incompatible(older.record, newer.record)


@pytest.mark.parametrize("golden", GOLDENS, ids=str)
def test_every_example_is_read_by_every_version(golden: Golden) -> None:
    for reader in SCHEMAS.versions[golden.schema.name]:
        read = bodies.read_canonical(golden.schema, reader, golden.body)

        assert read == as_read(golden.schema.record, reader.record, golden.record)
        assert bodies.read_canonical(reader, reader, bodies.write(reader, read)) == read
