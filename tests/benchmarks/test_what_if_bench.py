"""`usage-ledger bench what-if` asks about exactly the workspaces that it made, and knows which of them must flip."""

import json

from click.testing import CliRunner

from usage_ledger.benchmarks import what_if as measuring
from usage_ledger.entrypoints.cli.bench import what_if


def asked(*arguments: str):
    return CliRunner().invoke(what_if, ["--workspaces", "101", "--json", *arguments])


def test_the_answer_tells_workspaces_flips_time_and_memory():
    answered = asked()
    assert answered.exit_code == 0, answered.output
    answer = json.loads(answered.stdout.splitlines()[-1])
    assert (answer["items"], answer["flips"]) == (105, 26)
    assert answer["rss_mb"] >= answer["extra_rss_mb"] >= 0
    assert {"bench", "version", "seconds", "items_per_s", "cpu_us_per_item", "machine"} <= answer.keys()


def test_one_workspace_too_few_fails_it(monkeypatch):
    monkeypatch.setattr(measuring, "workspaces_of", lambda count: count + 5)
    result = asked()
    assert result.exception is not None
    assert "workspaces, flips and unreadable ones" in result.output
