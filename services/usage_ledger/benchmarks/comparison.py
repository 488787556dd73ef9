"""Measures several things in turn, so that whatever else the machine does meets them all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from usage_ledger.benchmarks.figures import Round
from usage_ledger.embedded.servers import Report

WARM_UP_S: Final = 2.0

Measure = Callable[[float], Round]
"""One round of so many seconds."""


class Contestant(NamedTuple):
    """What is measured, and for how long a round."""

    measure: Measure
    seconds: float


def measure_in_turn(contestants: Mapping[str, Contestant], rounds: int, report: Report) -> dict[str, list[Round]]:
    """Each once in every round, in the order of the mapping, after a warm-up that does not count."""
    for name, contestant in contestants.items():
        report(f"Warming up: {name}")
        contestant.measure(min(WARM_UP_S, contestant.seconds))
    measured: dict[str, list[Round]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name, contestant in contestants.items():
            report(f"Round {number} of {rounds}: {name}")
            measured[name].append(contestant.measure(contestant.seconds))
    return measured
