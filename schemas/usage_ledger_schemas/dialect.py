"""The part of Avro that the contract uses, as a small type model read from ``.avsc`` documents.

Refused, with a reason each: float, double and logical types (money and tokens are exact integers), recursion (readers
crash on deep bytes), unions other than ``["null", X]`` (every other one can be a field), arrays whose items may take
no bytes (five bytes could claim a billion of them) and enums without ``UNKNOWN`` as default (an older reader must have
something to read a newer symbol as).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

from usage_ledger_schemas.errors import SchemaRefused

PRIMITIVES = frozenset({"boolean", "int", "long", "string", "bytes"})
UNKNOWN = "UNKNOWN"
NO_DEFAULT = object()
"""Stands for the absence of a default; ``None`` is a default."""

ATTRIBUTES = frozenset(
    {"type", "name", "namespace", "doc", "fields", "default", "symbols", "size", "items", "values"},
)

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True)
class Primitive:
    name: str


@dataclass(frozen=True)
class Fixed:
    name: str
    size: int


@dataclass(frozen=True)
class Enum:
    name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Array:
    items: AvroType


@dataclass(frozen=True)
class Map:
    values: AvroType


@dataclass(frozen=True)
class Optional:
    """The union ``["null", X]``."""

    of: AvroType


@dataclass(frozen=True)
class Field:
    name: str
    type: AvroType
    default: object = NO_DEFAULT


@dataclass(frozen=True)
class Record:
    name: str
    fields: tuple[Field, ...]

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


AvroType: TypeAlias = Primitive | Fixed | Enum | Array | Map | Optional | Record
_T = TypeVar("_T", Fixed, Enum, Record)


def read_record(document: Mapping[str, Json]) -> Record:
    """The record that an ``.avsc`` document describes. Raises SchemaRefused."""
    named: dict[str, AvroType | None] = {}
    read = _read(document, named)
    if not isinstance(read, Record):
        raise SchemaRefused(f"{document.get('name')}: the top of a schema is a record")
    return read


def least_bytes(type_: AvroType) -> int:
    """The shortest encoding of a value, in bytes. Bounds how many items a buffer can hold."""
    match type_:
        case Record():
            return sum(least_bytes(field.type) for field in type_.fields)
        case Fixed():
            return type_.size
        case _:
            return 1


def _read(node: Json, named: dict[str, AvroType | None]) -> AvroType:
    if isinstance(node, str):
        return _read_name(node, named)
    if isinstance(node, Mapping):
        return _read_complex(node, named)
    if isinstance(node, Sequence):
        return _read_union(node, named)
    raise SchemaRefused(f"{node!r} is not a type")


def _read_name(name: str, named: dict[str, AvroType | None]) -> AvroType:
    if name in PRIMITIVES:
        return Primitive(name)
    if name not in named:
        raise SchemaRefused(f"{name} is not a type of the contract's dialect")
    known = named[name]
    if known is None:
        raise SchemaRefused(f"{name} contains itself")
    return known


def _read_union(node: Sequence[Json], named: dict[str, AvroType | None]) -> AvroType:
    if len(node) != 2 or node[0] != "null":
        raise SchemaRefused(f'{node!r}: the only union is ["null", X]')
    return Optional(_read(node[1], named))


def _read_complex(node: Mapping[str, Json], named: dict[str, AvroType | None]) -> AvroType:
    _refuse_attributes(node)
    match node.get("type"):
        case "record":
            return _read_record(node, named)
        case "enum":
            return _read_enum(node, named)
        case "fixed":
            return _define(named, Fixed(_name(node), cast("int", node["size"])))
        case "array":
            return _read_array(node, named)
        case "map":
            return Map(_read(node["values"], named))
        case _:
            raise SchemaRefused(f"{node!r} is not a type of the contract's dialect")


def _read_record(node: Mapping[str, Json], named: dict[str, AvroType | None]) -> Record:
    name = _name(node)
    named[name] = None
    fields = tuple(_read_field(field, named) for field in cast("Sequence[Mapping[str, Json]]", node["fields"]))
    return _define(named, Record(name, fields))


def _read_field(node: Mapping[str, Json], named: dict[str, AvroType | None]) -> Field:
    _refuse_attributes(node)
    type_ = _read(node["type"], named)
    default = node.get("default", NO_DEFAULT)
    if default is not NO_DEFAULT and isinstance(type_, Optional) and default is not None:
        raise SchemaRefused(f"{node['name']}: the default of an optional field is null")
    return Field(_name(node), type_, default)


def _read_enum(node: Mapping[str, Json], named: dict[str, AvroType | None]) -> Enum:
    name = _name(node)
    symbols = tuple(cast("Sequence[str]", node["symbols"]))
    if node.get("default") != UNKNOWN or UNKNOWN not in symbols:
        raise SchemaRefused(f"{name}: an enum's default is {UNKNOWN}")
    return _define(named, Enum(name, symbols))


def _read_array(node: Mapping[str, Json], named: dict[str, AvroType | None]) -> Array:
    items = _read(node["items"], named)
    if least_bytes(items) == 0:
        raise SchemaRefused(f"{items}: an array's items must take bytes")
    return Array(items)


def _refuse_attributes(node: Mapping[str, Json]) -> None:
    """Logical types, aliases and orders would change how bytes are read, and no reader of ours knows them."""
    if foreign := node.keys() - ATTRIBUTES:
        raise SchemaRefused(f"{node.get('name')}: {', '.join(sorted(foreign))} has no place in a schema")


def _name(node: Mapping[str, Json]) -> str:
    name = node.get("name")
    if not isinstance(name, str) or not name.isidentifier():
        raise SchemaRefused(f"{name!r} is not a name")
    return name


def _define(named: dict[str, AvroType | None], type_: _T) -> _T:
    if named.get(type_.name) is not None:
        raise SchemaRefused(f"{type_.name} is defined twice")
    named[type_.name] = type_
    return type_
