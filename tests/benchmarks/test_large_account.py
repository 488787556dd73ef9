"""`usage-ledger bench account` makes the account that it says it measures, and tells figures by the usual names."""

import json

from click.testing import CliRunner

from usage_ledger.benchmarks import large_account
from usage_ledger.entrypoints.cli.bench import account


def test_the_answer_tells_the_account_and_its_figures(monkeypatch):
    monkeypatch.setattr(large_account, "_ROUNDS", 2)
    answered = CliRunner().invoke(account, ["--events", "5000", "--lots", "30", "--holds", "20", "--json"])
    assert answered.exit_code == 0, answered.output
    answer = json.loads(answered.stdout.splitlines()[-1])
    assert (answer["events"], answer["lots"], answer["holds"], answer["events_after_snapshot"]) == (5119, 30, 20, 255)
    assert all(answer[figure].keys() == {"p50", "p99"} for figure in ("load_ms", "batch_ms", "batch_cpu_ms"))
    assert {"bench", "version", "seconds", "machine"} <= answer.keys()
