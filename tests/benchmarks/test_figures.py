"""Percentiles, ratios and CPU per item, as a table of benchmarks needs them."""

import pytest

from usage_ledger.benchmarks.figures import Round, cpu_us_per_item, median_rate, median_ratio, percentiles


def measured(items, seconds=1.0, **cpu_s):
    return Round(items, seconds, [], cpu_s)


@pytest.mark.parametrize(
    ("samples", "p50", "p99"),
    [([7.0], 7.0, 7.0), ([3.0, 1.0, 2.0], 2.0, 3.0), (list(range(1, 101)), 50, 99), (list(range(1, 201)), 100, 198)],
)
def test_percentiles_are_samples_by_nearest_rank(samples, p50, p99):
    assert percentiles(samples) == {"p50": p50, "p99": p99}


def test_without_samples_there_is_no_percentile():
    assert percentiles([]) == {}


def test_the_rate_is_that_of_the_middle_round():
    assert median_rate([measured(10), measured(1_000), measured(30, seconds=1.5)]) == 20


def test_a_ratio_compares_each_round_with_its_neighbour():
    """A machine that is slow for one round slows both; the ratio of the medians would be 1 here."""
    ours, theirs = [measured(40), measured(20), measured(4)], [measured(20), measured(10), measured(40)]
    assert median_ratio(ours, theirs) == 2


def test_cpu_is_shared_out_over_all_items():
    rounds = [measured(10, serve=0.001, load=0.0), measured(30, serve=0.001, load=0.0004)]
    assert cpu_us_per_item(rounds) == {"total": 60.0, "serve": 50.0, "load": 10.0}
