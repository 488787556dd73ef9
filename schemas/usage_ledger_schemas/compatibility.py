"""Full, transitive compatibility: every version of a schema reads what every other version wrote, both ways.

Stored events stay for ever and readers of different age share one topic, so a schema may only gain or lose record
fields that have a default, and gain enum symbols (older readers see ``UNKNOWN``). Anything else is a new event.
Avro would allow a little more (``int`` to ``long``, one way only; renames by alias): not here.
"""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger_schemas.dialect import NO_DEFAULT, Array, AvroType, Enum, Map, Optional, Record
from usage_ledger_schemas.errors import SchemaRefused


def refuse_incompatible(older: Record, newer: Record) -> None:
    """Raise SchemaRefused with every reason why one of the two cannot read the other."""
    if reasons := list(incompatibilities(older, newer, newer.name)):
        raise SchemaRefused("; ".join(reasons))


def incompatibilities(older: AvroType, newer: AvroType, path: str) -> Iterator[str]:
    """What stands between two versions of a type, each with the path to it."""
    match older, newer:
        case Record(), Record() if older.name == newer.name:
            yield from _records(older, newer, path)
        case Enum(), Enum() if older.name == newer.name:
            if lost := [symbol for symbol in older.symbols if symbol not in newer.symbols]:
                yield f"{path} lost {', '.join(lost)}"
        case Array(), Array():
            yield from incompatibilities(older.items, newer.items, f"{path}[]")
        case Map(), Map():
            yield from incompatibilities(older.values, newer.values, f"{path}[]")
        case Optional(), Optional():
            yield from incompatibilities(older.of, newer.of, path)
        case _:
            if older != newer:
                yield f"{path} was {older} and is {newer}"


def _records(older: Record, newer: Record, path: str) -> Iterator[str]:
    before = {field.name: field for field in older.fields}
    after = {field.name: field for field in newer.fields}
    for name in before.keys() & after.keys():
        yield from incompatibilities(before[name].type, after[name].type, f"{path}.{name}")
    for name in before.keys() ^ after.keys():
        if (before.get(name) or after[name]).default is NO_DEFAULT:
            yield f"{path}.{name} has no default, so it can be neither added nor removed"
