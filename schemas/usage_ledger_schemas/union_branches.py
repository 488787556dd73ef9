"""Tells fastavro which branch of a union a record is, in its own (name, record) notation.

Without that it validates an optional record field by field to find the branch, and only then writes it: a charge line
with a detail then costs 16 µs instead of 9. msgspec has judged the record already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from usage_ledger_schemas.dialect import Array, AvroType, Optional, Record

Mark = Callable[[Any], Any]


def marker(type_: AvroType, namespace: str) -> Mark | None:
    """A function that marks the optional records within a value, in a copy; None where the type has none.

    ``namespace`` ends in a dot, unless it is empty.
    """
    match type_:
        case Record():
            fields = [(field.name, mark) for field in type_.fields if (mark := marker(field.type, namespace))]
            return _record_marker(fields) if fields else None
        case Array():
            mark_item = marker(type_.items, namespace)
            return None if mark_item is None else lambda items: [mark_item(item) for item in items]
        case Optional(of=Record(name=name) as record):
            return _branch_marker(namespace + name, marker(record, namespace))
        case Optional(of=Array()):
            return list  # a tuple here would be read as the notation itself
        case _:
            return None


def _record_marker(fields: list[tuple[str, Mark]]) -> Mark:
    def mark(record: dict[str, Any]) -> dict[str, Any]:
        for name, mark_field in fields:
            value = record.get(name)
            if value is not None:
                record = {**record, name: mark_field(value)}
        return record

    return mark


def _branch_marker(full_name: str, mark_within: Mark | None) -> Mark:
    if mark_within is None:
        return lambda record: (full_name, record)
    return lambda record: (full_name, mark_within(record))
