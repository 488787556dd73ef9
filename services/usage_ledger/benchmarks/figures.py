"""The arithmetic of a benchmark: rounds, medians, percentiles, ratios. Times are seconds unless the name says else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from statistics import median

import msgspec


class Round(msgspec.Struct, frozen=True):
    """One measured stretch. ``seconds`` is from the first item sent to the last one readable, or durable.

    ``cpu_s`` is by process. ``ack_ms`` and ``view_ms`` are every sample, not yet sorted.
    """

    items: int
    seconds: float
    ack_ms: list[float]
    cpu_s: dict[str, float]
    view_ms: list[float] = []

    @property
    def items_per_s(self) -> float:
        return self.items / self.seconds


def percentiles(samples: Iterable[float]) -> dict[str, float]:
    """p50 and p99 by nearest rank, rounded to a tenth; empty without samples."""
    ordered = sorted(samples)
    return {f"p{percent}": round(_nearest_rank(ordered, percent), 1) for percent in (50, 99)} if ordered else {}


def median_rate(rounds: Sequence[Round]) -> float:
    """Items a second of the middle round."""
    return median(each.items_per_s for each in rounds)


def median_ratio(ours: Sequence[Round], theirs: Sequence[Round]) -> float:
    """How many times faster ours is: each round against its neighbour, which met the same noise; the middle one."""
    return median(mine.items_per_s / other.items_per_s for mine, other in zip(ours, theirs, strict=True))


def cpu_us_per_item(rounds: Sequence[Round]) -> dict[str, float]:
    """Microseconds of CPU an item, by process and in total, over all rounds."""
    items = sum(each.items for each in rounds)
    spent = _added(each.cpu_s for each in rounds)
    by_process = {name: round(seconds * 1e6 / items, 1) for name, seconds in spent.items()}
    return {"total": round(sum(spent.values()) * 1e6 / items, 1), **by_process}


def _nearest_rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _added(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0.0) + value
    return total
