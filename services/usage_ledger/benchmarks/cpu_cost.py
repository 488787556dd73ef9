"""What small pieces of work cost: CPU time of this process, nothing else running in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Final, NamedTuple

_ROUNDS: Final = 5
_AT_A_TIME: Final = 1_000


class Costs(NamedTuple):
    """How often all of them ran, and µs of CPU time for one run of each."""

    runs: int
    us: Mapping[str, float]


def cpu_costs(works: Mapping[str, Callable[[], object]], seconds: float) -> Costs:
    """The middle one of five rounds that take turns; ``seconds`` are for all of them."""
    round_s = seconds / _ROUNDS / len(works)
    rounds = [{name: _round(work, round_s) for name, work in works.items()} for _ in range(_ROUNDS)]
    us = {name: round(median([each[name][1] for each in rounds]), 2) for name in works}
    return Costs(sum([count for each in rounds for count, _ in each.values()]), us)


def _round(work: Callable[[], object], seconds: float) -> tuple[int, float]:
    """Runs, and µs of CPU time for each."""
    count = 0
    begin = now = process_time()
    while now - begin < seconds:
        for _ in range(_AT_A_TIME):
            work()
        count += _AT_A_TIME
        now = process_time()
    return count, (now - begin) / count * 1e6
