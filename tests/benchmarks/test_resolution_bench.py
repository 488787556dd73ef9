"""`usage-ledger bench resolution` tells a figure for every way to find a provider, and each is what it is called."""

import json

import pytest
from click.testing import CliRunner

from usage_ledger.adapters.packaged_registry import packaged_registry
from usage_ledger.benchmarks.resolution import ASKED
from usage_ledger.entrypoints.cli.bench import resolution
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.resolve import resolve

FOUND = {
    "exact": ("exact", "derived_provider"),
    "prefix": ("prefix", "derived_provider"),
    "with override": ("exact", "workspace_override"),
    "underivable": ("unknown_model", "derived_default"),
}


def test_the_answer_has_a_figure_for_each_and_the_slowest_as_the_whole():
    answered = CliRunner().invoke(resolution, ["--seconds", "0.05", "--json"])
    assert answered.exit_code == 0, answered.output
    answer = json.loads(answered.stdout.splitlines()[-1])
    assert {"bench", "version", "seconds", "items", "items_per_s", "cpu_us_per_item", "machine"} <= answer.keys()
    figures = answer["cpu_us_per_item"]
    assert figures.keys() == {"total", *FOUND}
    assert figures["total"] == max(figures.values()) > 0


@pytest.mark.parametrize("name", FOUND)
def test_what_is_asked_is_what_it_is_called(name):
    answer = resolve(ASKED[name], packaged_registry(), POLICIES["P4"])
    assert (answer.how, answer.source) == FOUND[name]


def test_people_see_a_table():
    answered = CliRunner().invoke(resolution, ["--seconds", "0.05"])
    assert "underivable" in answered.stderr or "underivable" in answered.stdout
