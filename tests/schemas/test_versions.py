"""Schemas may change only so that every version reads every other, both ways."""

from __future__ import annotations

import copy
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.avro_reference import reference_decode
from schemas.golden import GOLDENS, Golden
from schemas.records import values_of
from usage_ledger_schemas.codec import SchemaRefused
from usage_ledger_schemas.compatibility import refuse_incompatible
from usage_ledger_schemas.decoder import compile_decoder
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


def version(number: int, document: dict[str, Any]) -> Schema:
    return read_schema("command", number, document)


def evolved() -> dict[str, Any]:
    """A second version with everything that is allowed: fields come and go, in nested records too, and a symbol."""
    document = copy.deepcopy(V1)
    fields = {field["name"]: field for field in document["fields"]}
    del fields["note"]
    fields["cause"]["type"]["symbols"].append("budget")
    fields["lots"]["type"]["items"]["fields"].insert(
        0, {"name": "labels", "type": {"type": "array", "items": "string"}, "default": []}
    )
    document["fields"] = [{"name": "region", "type": "string", "default": "eu"}, *fields.values()]
    return document


@given(st.data())
def test_both_versions_read_each_other_as_another_library_does(data: st.DataObject) -> None:
    schemas = [version(1, V1), version(2, evolved())]
    writer, reader = data.draw(st.sampled_from(list(permutations(schemas))))
    record = data.draw(values_of(writer.record))
    body = writer.whole.encode(record)

    read = compile_decoder(writer.record, reader.record)(body)

    assert read == reference_decode(writer.document, body, reader.document)


def test_bytes_of_every_version_are_read_as_the_latest() -> None:
    first, second = version(1, V1), version(2, evolved())
    registry = Registry([second, first])
    record = {"account_id": "a", "amount": 1, "cause": "time", "lots": [{"id": "l"}], "tags": {}, "note": "n"}

    read = registry.decoder(first)(first.whole.encode(record))

    assert read == {
        "region": "eu",
        "account_id": "a",
        "amount": 1,
        "cause": "time",
        "lots": [{"labels": [], "id": "l"}],
        "tags": {},
    }


def test_a_symbol_that_an_older_reader_does_not_know_is_unknown_to_it() -> None:
    first, second = version(1, V1), version(2, evolved())
    body = second.whole.encode({"account_id": "a", "cause": "budget", "lots": [], "tags": {}})

    assert compile_decoder(second.record, first.record)(body)["cause"] == "UNKNOWN"


def test_a_default_list_belongs_to_one_record_only() -> None:
    first, second = version(1, V1), version(2, evolved())
    body = first.whole.encode({"account_id": "a", "cause": "time", "lots": [{"id": "l"}, {"id": "m"}], "tags": {}})

    lots = compile_decoder(first.record, second.record)(body)["lots"]

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
        for older, newer in permutations(versions, 2):
            refuse_incompatible(older.record, newer.record)


@pytest.mark.parametrize("golden", GOLDENS, ids=str)
def test_every_example_is_read_by_every_version(golden: Golden) -> None:
    for reader in SCHEMAS.versions[golden.schema.name]:
        read = compile_decoder(golden.schema.record, reader.record)(golden.body)

        assert read == reference_decode(golden.schema.document, golden.body, reader.document)
        assert compile_decoder(reader.record, reader.record)(reader.whole.encode(read)) == read
