"""Time windows and context thresholds from text, refused where one instant or context has two prices (P6, P7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from usage_ledger.pricing.commands import ThresholdText, WindowText
from usage_ledger.pricing.price_form import ThresholdPrice, WindowPrice
from usage_ledger.pricing.price_numbers import PriceNumbers
from usage_ledger.refusals import InvalidInput

DAY_S: Final = 86_400
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?|24:00(?::00)?")

Range = tuple[int, int]


def read_thresholds(texts: Iterable[ThresholdText], numbers: PriceNumbers, pointer: str) -> tuple[ThresholdPrice, ...]:
    """In rising order. Raises ``InvalidInput``: ``price_overlap`` for one bound twice, and as ``PriceNumbers``."""
    read: dict[int, ThresholdPrice] = {}
    for index, text in enumerate(texts):
        if text.over in read:
            raise InvalidInput("price_overlap", "a context has one price", f"{pointer}/{index}/over")
        prices = numbers.per_million(text.per_million, f"{pointer}/{index}/per_million")
        read[text.over] = ThresholdPrice(text.over, prices)
    return tuple([read[over] for over in sorted(read)])


def read_windows(texts: Iterable[WindowText], numbers: PriceNumbers) -> tuple[WindowPrice, ...]:
    """Raises ``InvalidInput``, with a pointer into ``/price/windows``.

    ``invalid_price`` for a time that is none and for a window of no length; ``price_overlap`` when two windows hold at
    one time of day; the codes of ``read_thresholds``.
    """
    windows: list[WindowPrice] = []
    for index, text in enumerate(texts):
        pointer = f"/price/windows/{index}"
        from_s = _second_of_day(text.from_, f"{pointer}/from") % DAY_S
        to_s = _second_of_day(text.to, f"{pointer}/to") % DAY_S
        if from_s == to_s:
            raise InvalidInput("invalid_price", "a window begins and ends at two times of day", pointer)
        prices = numbers.per_million(text.per_million, f"{pointer}/per_million")
        thresholds = read_thresholds(text.thresholds, numbers, f"{pointer}/thresholds")
        window = WindowPrice(from_s, to_s, prices, thresholds)
        if any(_overlap(window, other) for other in windows):
            raise InvalidInput("price_overlap", "a time of day has one price", pointer)
        windows.append(window)
    return tuple(windows)


def cover_the_day(windows: Sequence[WindowPrice]) -> bool:
    """Whether windows that do not overlap leave no time of day to the base."""
    return sum([until - since for window in windows for since, until in _ranges(window)]) == DAY_S


def _second_of_day(text: str, pointer: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise InvalidInput("invalid_price", 'expected a time of day such as "16:30"', pointer)
    if found[1] is None:
        return DAY_S
    return int(found[1]) * 3_600 + int(found[2]) * 60 + int(found[3] or 0)


def _overlap(one: WindowPrice, other: WindowPrice) -> bool:
    return any(
        max(since, other_since) < min(until, other_until)
        for since, until in _ranges(one)
        for other_since, other_until in _ranges(other)
    )


def _ranges(window: WindowPrice) -> tuple[Range, ...]:
    """A window that wraps midnight is two ranges of the day."""
    if window.from_s < window.to_s:
        return ((window.from_s, window.to_s),)
    return (window.from_s, DAY_S), (0, window.to_s)
