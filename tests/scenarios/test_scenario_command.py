"""`usage-ledger scenario run`: a line a case, one JSON object, and the exit code that says what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import Exit, run

CASES = """\
format: ledger-cases/1
fixtures:
  clock: "2026-03-02T12:00:00Z"
cases:
  - id: one
    title: a purchase raises credits
    given: [{OpenAccount: {account: T}}]
    when: [{RecordPurchase: {account: T, amount: "5.00", payment_ref: card/1, lot: buy}}]
    then:
      result: {outcome: accepted}
      events: {T: [{PurchaseRecorded: {amount: "5.00"}}]}
      accounts: {T: {balance: "5.00", lots: {buy: "5.00"}}}
      gl: {"1000": "5.00", "2000:T": "5.00"}
      queries: [{query: balance, args: {account: T}, expect: {balance: "5.00"}}]
  - id: two
    title: a payment counts once
    given: [{OpenAccount: {account: T}}]
    when:
      - parallel:
          - RecordPurchase: {account: T, amount: "5.00", payment_ref: card/1}
          - RecordPurchase: {account: T, amount: "5.00", payment_ref: card/1}
    then: {results: [{accepted: 1, duplicate: 1}], accounts: {T: {balance: "5"}}}
"""


@pytest.fixture
def scenario(tmp_path, capsys):
    """Runs a text of cases; answers the exit code and what stood on stdout."""

    def ran(text, *options):
        file = tmp_path / "cases.yaml"
        file.write_text(text)
        code = run(cli, ["scenario", "run", str(file), *options])
        return code, capsys.readouterr().out

    return ran


def test_cases_that_hold_are_a_line_each(scenario):
    code, out = scenario(CASES)
    assert code == Exit.DONE
    assert out.splitlines() == [
        "passed  one  a purchase raises credits",
        "passed  two  a payment counts once",
        "2 cases: 2 passed, 0 failed",
    ]


def test_json_is_the_last_line(scenario):
    code, out = scenario(CASES, "--json")
    assert code == Exit.DONE
    assert json.loads(out.splitlines()[-1]) == {"cases": 2, "passed": 2, "failed": 0, "failures": []}


EXPECTATIONS = [
    ('accounts: {T: {balance: "5.00"', "5.00", "5.000000001", "then accounts T balance"),
    ('lots: {buy: "5.00"', "5.00", "4.999999999", "then accounts T lots buy"),
    ('gl: {"1000": "5.00"', "5.00", "5.000000001", "then gl 1000"),
    ('"2000:T": "5.00"', "5.00", "5.000000001", "then gl 2000:T"),
    ('{PurchaseRecorded: {amount: "5.00"', "5.00", "5.000000001", "then events T 1 PurchaseRecorded amount"),
    ('expect: {balance: "5.00"', "5.00", "5.000000001", "then queries 1 balance balance"),
]


@pytest.mark.parametrize("store", ["memory", "postgres"])
@pytest.mark.parametrize(("place", "right", "wrong", "step"), EXPECTATIONS)
def test_one_nano_more_or_less_fails_the_case(scenario, place, right, wrong, step, store, postgres_of_settings):
    postgres_of_settings(store)
    assert place in CASES
    changed = CASES.replace(place, place.replace(right, wrong))
    code, out = scenario(changed, "--only", "one", "--store", store, "--json")
    assert code == Exit.ANSWER_IS_NO
    failure = {"case": "one", "step": step, "expected": wrong, "actual": right}
    assert json.loads(out.splitlines()[-1]) == {"cases": 1, "passed": 0, "failed": 1, "failures": [failure]}


def test_an_event_more_or_less_fails_the_case(scenario):
    code, out = scenario(CASES.replace("[{PurchaseRecorded:", "[AccountOpened, {PurchaseRecorded:"), "--only", "one")
    assert code == Exit.ANSWER_IS_NO
    assert 'FAILED  one  a purchase raises credits: then events T 1: expected "AccountOpened"' in out


@pytest.mark.parametrize("store", ["memory", "postgres"])
def test_books_that_do_not_balance_fail_a_case_that_does_not_speak_of_them(scenario, store, postgres_of_settings):
    postgres_of_settings(store)
    when = 'payment_ref: card/1, lot: buy}}, {TamperLine: {entry_of: when-1, code: "2000", amount: "4.50"}}]'
    changed = CASES.replace("payment_ref: card/1, lot: buy}}]", when).replace("result: {outcome: accepted}", "gl: {}")
    code, out = scenario(
        changed.replace('      gl: {"1000": "5.00", "2000:T": "5.00"}\n', ""), "--only", "one", "--store", store
    )
    assert code == Exit.ANSWER_IS_NO
    assert "then audit: expected" in out
    assert '"imbalance":"0.50"' in out


def test_what_is_given_has_to_be_accepted(scenario):
    given = 'given: [{OpenAccount: {account: T}}, {RecordPurchase: {account: U, amount: "1.00", payment_ref: c}}]'
    code, out = scenario(CASES.replace("given: [{OpenAccount: {account: T}}]", given, 1), "--only", "one", "--json")
    assert code == Exit.ANSWER_IS_NO
    failure = json.loads(out.splitlines()[-1])["failures"][0]
    assert (failure["step"], failure["actual"]["code"]) == ("given 2, RecordPurchase", "account_not_found")


def test_a_case_is_chosen_by_its_id(scenario):
    assert scenario(CASES, "--only", "two", "--json")[1].splitlines()[-1].startswith('{"cases":1,')
    code, out = scenario(CASES, "--only", "three", "--json")
    assert code == Exit.INPUT_WRONG
    assert json.loads(out)["error"] == "the files hold no case three"


def test_a_mistake_in_a_file_is_wrong_input_and_nothing_is_played(scenario):
    code, out = scenario(CASES.replace("card/1, lot", "card/1, lots"), "--json")
    assert code == Exit.INPUT_WRONG
    assert "case one, when 1, RecordPurchase, lots: unknown field" in json.loads(out)["error"]


def test_a_file_that_is_not_there_is_wrong_input(capsys):
    assert run(cli, ["scenario", "run", "no-such-file.yaml"]) == Exit.INPUT_WRONG


def test_a_postgres_that_does_not_answer_is_unreachable(scenario, monkeypatch, tmp_path):
    monkeypatch.setenv("USAGE_LEDGER_POSTGRES_OWNER_DSN", f"host={tmp_path} dbname=nowhere user=nobody")
    assert scenario(CASES, "--store", "postgres")[0] == Exit.UNREACHABLE


def test_the_server_of_the_settings_is_used_and_left_as_it_was(scenario, postgres_of_settings, databases_left):
    postgres_of_settings("postgres")
    code, out = scenario(CASES, "--store", "postgres")
    assert code == Exit.DONE, out
    made, left = databases_left()
    assert made == 5, "a template, one of case one, two orders and threads of case two"
    assert left == set()


def test_without_settings_it_starts_a_postgres_of_its_own(scenario, monkeypatch):
    monkeypatch.delenv("USAGE_LEDGER_POSTGRES_OWNER_DSN", raising=False)
    monkeypatch.delenv("USAGE_LEDGER_SETTINGS", raising=False)
    code, out = scenario(CASES, "--store", "postgres")
    assert code == Exit.DONE, out


def test_in_memory_nothing_of_the_embedded_servers_is_needed(tmp_path):
    (tmp_path / "cases.yaml").write_text(CASES)
    script = (
        "import sys\n"
        "sys.modules['platformdirs'] = None\n"
        "from usage_ledger.entrypoints.cli import cli\n"
        "from usage_ledger.entrypoints.cli.exits import run\n"
        "sys.exit(run(cli, ['scenario', 'run', sys.argv[1]]))\n"
    )
    file = str(tmp_path / "cases.yaml")
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 cases: 2 passed, 0 failed"), done.stderr


EXAMPLES = sorted((Path(__file__).parents[2] / "services/usage_ledger/scenarios/examples").iterdir())


def test_four_examples_come_with_the_package():
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("store", ["memory", "postgres"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_hold(example, store, postgres_of_settings, capsys):
    postgres_of_settings(store)
    assert run(cli, ["scenario", "run", str(example), "--store", store]) == Exit.DONE, capsys.readouterr().out
