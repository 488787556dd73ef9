"""`usage-ledger doctor`: a table for people, one JSON object for machines, and an exit code that tells what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import run


@pytest.fixture
def environment(set_up: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USAGE_LEDGER_SETTINGS", raising=False)
    for name, value in set_up.items():
        text = json.dumps({topic: {"source": "kafka"} for topic in value}) if isinstance(value, dict) else str(value)
        monkeypatch.setenv(f"USAGE_LEDGER_{name.upper()}", text)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_what_is_wrong_exits_2_and_is_counted(environment, capsys) -> None:
    assert run(cli, ["doctor", "--json"]) == 2
    told = answer(capsys)
    assert (told["exit_code"], told["unreachable"]) == (2, 0)
    # The servers of a test run forget at a crash, and nobody made the topics.
    assert {"fsync", "full_page_writes", "synchronous_commit"} <= {
        found["check"] for found in told["checks"] if found["level"] == "failure"
    }
    assert sum(told[level] for level in ("ok", "warning", "failure", "unreachable")) == len(told["checks"])
    assert all(found["mend"] for found in told["checks"] if found["level"] != "ok")


def test_what_does_not_answer_exits_3(environment, monkeypatch, capsys) -> None:
    monkeypatch.setenv("USAGE_LEDGER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run(cli, ["doctor", "--json"]) == 3
    assert answer(capsys)["unreachable"] == 1


def test_people_see_a_table_and_no_password(environment, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("USAGE_LEDGER_POSTGRES_READER_DSN", "host=127.0.0.1 port=1 user=u password=s3cret [bold]")
    monkeypatch.setenv("USAGE_LEDGER_KAFKA_PASSWORD", "s3cret")
    assert run(cli, ["doctor"]) in (2, 3)
    shown = capsys.readouterr()
    assert "mend" in shown.out
    assert "login reader" in shown.out
    assert "s3cret" not in shown.out + shown.err


def test_settings_that_do_not_fit_are_a_finding(monkeypatch, capsys) -> None:
    monkeypatch.setenv("USAGE_LEDGER_SHARDS", "many-s3cret")
    assert run(cli, ["doctor", "--json"]) == 2
    told = answer(capsys)
    assert [found["check"] for found in told["checks"]] == ["settings"]
    assert "shards" in told["checks"][0]["found"]
    assert "s3cret" not in str(told)
