"""What a benchmark answers programs with: one object, and the checks that decide whether it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from usage_ledger.benchmarks.books import Books
from usage_ledger.benchmarks.figures import Round, cpu_us_per_item, median_rate, median_ratio, percentiles
from usage_ledger.benchmarks.machine import machine
from usage_ledger.money import format_amount

Measured = Mapping[str, Sequence[Round]]
"""Rounds by name; the benchmark's own come first."""


def bench_answer(bench: str, options: Mapping[str, object], measured: Measured) -> dict[str, object]:
    """Figures of the first one measured, its ratio to each of the others, and theirs beside it."""
    name, *others = measured
    rounds = measured[name]
    return {
        "bench": bench,
        "version": version("usage-ledger"),
        **{name: value for name, value in options.items() if value is not None},
        "seconds": round(sum(each.seconds for each in rounds), 3),
        **_figures(rounds),
        **_comparison(rounds, {other: measured[other] for other in others}),
        "rounds": [
            {each: round(measured[each][number].items_per_s) for each in measured} for number in range(len(rounds))
        ],
        "machine": machine(),
    }


def _comparison(rounds: Sequence[Round], others: Measured) -> dict[str, object]:
    """Left out where nothing was measured beside it."""
    ratio = {name: round(median_ratio(rounds, theirs), 2) for name, theirs in others.items()}
    return {"ratio": ratio, "compared": {name: _figures(others[name]) for name in ratio}} if ratio else {}


def books_answer(books: Books, sent: int) -> dict[str, object]:
    """What the views say, warm-up included; money is decimal text."""
    return {
        "sent": sent,
        "view_items": books.view_items,
        "charged": format_amount(books.charged),
        "entries": books.entries,
        "trial_balance": format_amount(books.trial_balance),
    }


def _figures(rounds: Sequence[Round]) -> dict[str, object]:
    figures = {
        "items": sum(each.items for each in rounds),
        "items_per_s": round(median_rate(rounds)),
        "ack_ms": percentiles(sample for each in rounds for sample in each.ack_ms),
        "view_ms": percentiles(sample for each in rounds for sample in each.view_ms),
        "cpu_us_per_item": cpu_us_per_item(rounds),
    }
    return {name: figure for name, figure in figures.items() if figure != {}}
