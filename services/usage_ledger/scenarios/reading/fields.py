"""The kinds of values that a scenario may hold. Each reads a node and raises Misfit when it does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.scenarios.reading.node import Node, told

Kind = Callable[[Node], Any]

_ID: Final = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.:@/+-]{1,128}")
_PRICE: Final = re.compile(r"[0-9]{1,32}(\.[0-9]{1,32})?")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TEXT_MAX: Final = 4_096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def text(node: Node) -> str:
    if not isinstance(node.value, str) or not 0 < len(node.value) <= _TEXT_MAX:
        raise Misfit(node.line, f"expected text, found {told(node.value)}")
    return node.value


def label(node: Node) -> str:
    """A name of the scenario's own, which may become an id."""
    return _matching(node, _ID, "a label of letters, digits and _ . : @ / + -")


def currency(node: Node) -> str:
    return _matching(node, _CURRENCY, "a currency such as USD")


def month(node: Node) -> str:
    return _matching(node, _MONTH, "a month such as 2026-03")


def money(node: Node) -> str:
    """Decimal text in currency units, never a number: YAML's numbers are binary fractions elsewhere (M1, M3)."""
    if isinstance(node.value, int | Decimal):
        raise Misfit(node.line, f'money is text in quotes, such as "{node.value}"')
    found = text(node)
    try:
        parse_amount(found)
    except InvalidInput as invalid:
        raise Misfit(node.line, f"{found!r} is no amount of money: {invalid.detail}") from None
    return found


def price(node: Node) -> str:
    """Decimal text, not below zero, with as many places as it takes (M6)."""
    if isinstance(node.value, int | Decimal):
        raise Misfit(node.line, f'a price is text in quotes, such as "{node.value}"')
    return _matching(node, _PRICE, "a price as decimal text")


def whole(node: Node) -> int:
    """A whole number of either sign."""
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        raise Misfit(node.line, f"expected a whole number, found {told(node.value)}")
    return node.value


def count(node: Node) -> int:
    """A whole number, not below zero."""
    found = whole(node)
    if found < 0:
        raise Misfit(node.line, f"expected a number not below zero, found {found}")
    return found


def flag(node: Node) -> bool:
    if not isinstance(node.value, bool):
        raise Misfit(node.line, f"expected true or false, found {told(node.value)}")
    return node.value


def time(node: Node) -> int:
    """A time in UTC, as microseconds since 1970."""
    found = text(node)
    try:
        instant = datetime.fromisoformat(found)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Misfit(node.line, f"expected a time such as 2026-03-02T12:00:00Z, found {found!r}")
    return (instant.astimezone(UTC) - _EPOCH) // _MICROSECOND


def anything(node: Node) -> Any:
    """Whatever it is: it is compared, never interpreted."""
    return node.plain()


def one_of(*words: str) -> Kind:
    def read(node: Node) -> str:
        if node.value not in words:
            raise Misfit(node.line, f"expected one of {', '.join(words)}, found {told(node.value)}")
        return str(node.value)

    return read


def many(kind: Kind) -> Kind:
    def read(node: Node) -> list[Any]:
        values: list[Any] = []
        for number, each in enumerate(node.items(), start=1):
            with within(str(number)):
                values.append(kind(each))
        return values

    return read


def by_name(kind: Kind) -> Kind:
    """Names that the file chooses, with values of one kind."""

    def read(node: Node) -> dict[str, Any]:
        return _read_members(node, dict.fromkeys(node.members(), kind))

    return read


def record(kinds: Mapping[str, Kind], needs: Collection[str] = ()) -> Kind:
    """Names that the format chooses. Raises Misfit for one that it does not know, and for one that is missing."""

    def read(node: Node) -> dict[str, Any]:
        missing = [name for name in needs if name not in node.members()]
        if missing:
            raise Misfit(node.line, f"{missing[0]} is missing")
        return _read_members(node, kinds)

    return read


def either(first: Kind, second: Kind) -> Kind:
    """Names with values are read as the second kind, everything else as the first."""
    return lambda node: second(node) if isinstance(node.value, dict) else first(node)


def _read_members(node: Node, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in node.members().items():
        with within(name):
            if name not in kinds:
                raise Misfit(value.line, f"unknown field; known are {', '.join(kinds)}")
            values[name] = kinds[name](value)
    return values


def _matching(node: Node, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(node.value, str) or not pattern.fullmatch(node.value):
        raise Misfit(node.line, f"expected {expected}, found {told(node.value)}")
    return node.value
