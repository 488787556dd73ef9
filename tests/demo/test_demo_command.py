"""The command answers with the figures of the trace, and with exit code 1 if a proof does not hold."""

import json

import pytest

from demo.outcomes import CHARGED, in_order, views
from usage_ledger.entrypoints.cli import demo as command
from usage_ledger.entrypoints.cli.exits import run
from usage_ledger.entrypoints.demo.view_figures import UsageFigures


@pytest.fixture
def playing(monkeypatch, capsys):
    def play(outcome):
        monkeypatch.setattr(command, "_play", lambda *_: outcome)
        code = run(command.demo, ["--json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err

    return play


def test_the_answer_has_the_figures_of_the_trace_and_money_as_text(playing):
    code, answer, _ = playing(in_order())
    assert code == 0
    assert answer == {
        "items": 3,
        "accepted": 3,
        "duplicates": 0,
        "conflicts": 0,
        "quarantined": 0,
        "rejected": 0,
        "input_tokens": 300,
        "output_tokens": 30,
        "charged": "1.50",
        "view_items": 3,
        "view_input_tokens": 300,
        "view_output_tokens": 30,
        "view_charged": "1.50",
        "lost": 0,
        "seconds": 0.5,
        "hostile": {
            "items": 1,
            "accepted": 1,
            "duplicates": 0,
            "conflicts": 0,
            "quarantined": 0,
            "rejected": 0,
            "charged": "0.00",
            "answers": {"ordinary": "accepted"},
        },
    }


def test_a_lost_call_makes_the_answer_no(playing):
    code, answer, shown = playing(in_order(views=views(trace=UsageFigures(2, 300, 30, CHARGED))))
    assert (code, answer["lost"]) == (1, 1)
    assert "Not proven" in shown


def test_the_screen_shows_accounts_workspaces_modes_and_proofs(playing):
    _, _, shown = playing(in_order())
    for text in ("search-team", "ws-01", "byok", "nobody here", "ordinary", "✔", "18:17", "usage-ledger publish"):
        assert text in shown


@pytest.mark.parametrize(
    ("content", "reason"),
    [("a,b\n", "the header has no column"), ("TIMESTAMP,ContextTokens,GeneratedTokens\nx,y,1\n", "line 2")],
)
def test_a_broken_trace_is_wrong_input_before_anything_starts(tmp_path, capsys, monkeypatch, content, reason):
    monkeypatch.setattr(command, "demo_place", lambda _: pytest.fail("nothing is to be started"))
    trace = tmp_path / "trace.csv"
    trace.write_text(content)
    assert run(command.demo, ["--trace", str(trace), "--json"]) == 2
    assert reason in json.loads(capsys.readouterr().out)["error"]
