"""msgspec types made from record schemas: what a record must look like, exactly, before Avro sees it.

fastavro's writer takes ``True`` and ``1.9`` for a ``long`` and drops fields that it does not know; msgspec refuses all
of that, in C. The types only judge: no instance of them is kept.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from usage_ledger_schemas.dialect import (
    NO_DEFAULT,
    Array,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Optional,
    Primitive,
    Record,
)

# What checks a value; Any because no static type says "a type that a schema file describes".
Shape = Any

_PRIMITIVES: dict[str, Shape] = {
    "boolean": bool,
    "int": Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)],
    "long": Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)],
    "string": str,
    "bytes": bytes,
}


def record_shape(record: Record) -> Shape:
    """A struct with exactly the record's fields; those with a default may be missing."""
    fields = [_field(field) for field in record.fields]
    return msgspec.defstruct(record.name, fields, kw_only=True, forbid_unknown_fields=True, gc=False)


def _field(field: Field) -> Any:
    required = (field.name, _shape(field.type))
    # Whoever writes fills in the default of the schema; here it only matters that there is one.
    return required if field.default is NO_DEFAULT else (*required, None)


def _shape(type_: AvroType) -> Shape:
    match type_:
        case Record():
            return record_shape(type_)
        case Array():
            return _parametrized(list, _shape(type_.items))
        case Map():
            return _parametrized(dict, (str, _shape(type_.values)))
        case Optional():
            return _shape(type_.of) | None
        case Enum():
            return _parametrized(Literal, type_.symbols)
        case Fixed():
            return _parametrized(Annotated, (bytes, msgspec.Meta(min_length=type_.size, max_length=type_.size)))
        case Primitive():
            return _PRIMITIVES[type_.name]


def _parametrized(generic: Shape, parameters: Shape) -> Shape:
    return generic[parameters]
