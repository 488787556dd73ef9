"""Strategies: any record that fits a schema, as dicts or as structs."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from usage_ledger_schemas.dialect import Array, AvroType, Enum, Fixed, Map, Optional, Primitive, Record

LONGS = st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 20_000) | st.sampled_from([2**k for k in range(63)])
INTS = st.integers(-(2**31), 2**31 - 1) | st.integers(-200, 20_000)
TEXTS = st.text(max_size=20) | st.text("ab", min_size=60, max_size=200)

PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "int": INTS,
    "long": LONGS,
    "string": TEXTS,
    "bytes": st.binary(max_size=100),
}


def values_of(type_: AvroType) -> st.SearchStrategy[Any]:
    match type_:
        case Record():
            return st.fixed_dictionaries({field.name: values_of(field.type) for field in type_.fields})
        case Array():
            return st.lists(values_of(type_.items), max_size=3)
        case Map():
            return st.dictionaries(TEXTS, values_of(type_.values), max_size=3)
        case Optional():
            return st.none() | values_of(type_.of)
        case Enum():
            return st.sampled_from(type_.symbols)
        case Fixed():
            return st.binary(min_size=type_.size, max_size=type_.size)
        case Primitive():
            return PRIMITIVES[type_.name]


_STRUCTS: dict[tuple[str, tuple[str, ...]], type[msgspec.Struct]] = {}


def as_structs(type_: AvroType, value: Any) -> Any:
    """The same value with every record as a struct and every array as a tuple."""
    match type_:
        case Record():
            name, fields = type_.name, type_.field_names
            shape = _STRUCTS.setdefault((name, fields), msgspec.defstruct(name, fields))
            return shape(*(as_structs(field.type, value[field.name]) for field in type_.fields))
        case Array():
            return tuple(as_structs(type_.items, item) for item in value)
        case Optional():
            return None if value is None else as_structs(type_.of, value)
        case _:
            return value
