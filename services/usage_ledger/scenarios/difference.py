"""Where what became of a case first differs from what it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput

MISSING: Final = "nothing"


class Difference(NamedTuple):
    """``step`` says where in the case: ``when 2, charged`` or ``then gl 4010``. The values are as JSON has them."""

    step: str
    expected: Any
    actual: Any


class Unexpected(Exception):
    """A case did not go as it says; the case has failed and the file is right."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.step)
        self.difference = difference


def expect(step: str, expected: Any, actual: Any) -> None:
    """Whatever is listed must match; what is not listed is free. Raises Unexpected."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        _expect_members(step, cast("Mapping[str, Any]", expected), cast("Mapping[str, Any]", actual))
    elif isinstance(expected, list) and isinstance(actual, list | tuple):
        _expect_all(step, cast("Sequence[Any]", expected), cast("Sequence[Any]", actual))
    elif not _is_same(expected, actual):
        raise Unexpected(Difference(step, expected, actual))


def _expect_members(step: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        expect(f"{step} {name}", value, actual.get(name, MISSING))


def _expect_all(step: str, expected: Sequence[Any], actual: Sequence[Any]) -> None:
    for number, (each, found) in enumerate(zip(expected, actual, strict=False), start=1):
        expect(f"{step} {number}", each, found)
    if len(expected) != len(actual):
        raise Unexpected(Difference(step, expected, actual))


def _is_same(expected: Any, actual: Any) -> bool:
    """Amounts are compared as numbers: "5" is "5.00". A number in a refusal's facts is text there."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int) and isinstance(actual, str):
        return str(expected) == actual
    return expected == actual or (
        isinstance(expected, str) and isinstance(actual, str) and _nano(expected) == _nano(actual) is not None
    )


def _nano(text: str) -> int | None:
    try:
        return parse_amount(text)
    except InvalidInput:
        return None
