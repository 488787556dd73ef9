"""`usage-ledger balance|statement|holds|budgets …`: a table for people, the service's own answer for programs."""

from __future__ import annotations

import json

import psycopg
import pytest

from http_door.usage import item
from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import run


@pytest.fixture
def ask(door, owner, capsys, monkeypatch):
    """Runs a command against the door with the owner's key; answers the exit code and what was said."""
    monkeypatch.setenv("USAGE_LEDGER_KEY", owner.key)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(cli, [*arguments, "--url", door.url])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def charged(owner, workspace, model, views):
    """5.00 bought and 0.006 used. Answers the position of the usage."""
    recorded = owner.accepted("/v1/usage", item(model))
    views()
    return recorded["position"]


def told(out: str) -> dict:
    return json.loads(out.splitlines()[-1])


def test_balance_shows_figures_and_the_credit_that_is_left(ask, charged):
    code, out, _ = ask("balance", "main")
    assert code == 0
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.split()}
    assert rows["main:"][0] == "open,"
    assert (rows["posted"], rows["spendable"], rows["promotional"]) == (["4.994"], ["4.994"], ["0.00"])
    assert rows["lot-2"][:3] == ["purchase", "4.994", "5.00"]
    assert f"position {charged}" in out


def test_programs_get_the_services_own_answer(ask, owner, charged):
    code, out, _ = ask("balance", "main", "--json")
    assert (code, told(out)) == (0, owner.get("/v1/accounts/main/balance").json())


def test_a_balance_can_be_asked_for_as_it_was(ask, charged):
    shard, number = charged.split("-")
    out = ask("balance", "main", "--as-of", f"{shard}-{int(number) - 1}", "--json")[1]
    assert told(out)["posted"] == "5.00"


def test_a_statement_lies_between_its_opening_and_its_closing(ask, charged):
    lines = [line.split() for line in ask("statement", "main")[1].splitlines()]
    assert lines[1] == ["closing", "4.994"]
    assert [line[1:4] for line in lines[2:4]] == [["usage", "-0.006", "4.994"], ["purchase", "5.00", "5.00"]]
    assert lines[4] == ["opening", "0.00"]


def test_a_statement_comes_in_pages(ask, charged):
    first = told(ask("statement", "main", "--limit", "1", "--json")[1])
    assert f"--after {first['next']}" in ask("statement", "main", "--limit", "1")[1]
    second = told(ask("statement", "main", "--limit", "1", "--after", first["next"], "--json")[1])
    assert [entry["type"] for entry in (*first["entries"], *second["entries"])] == ["usage", "purchase"]


def test_open_holds_are_shown_and_others_when_asked_for(ask, owner, workspace, views):
    for hold_id in ("h1", "h2"):
        owner.accepted("/v1/accounts/main/holds", {"hold_id": hold_id, "workspace_id": workspace, "amount": "0.50"})
    owner.accepted("/v1/holds/h2/settle", {"amount": "0.70"})
    views()
    shown = [line.split() for line in ask("holds", "--account", "main")[1].splitlines()]
    assert shown[1][:9] == ["h1", "main", "ws", "open", "0.50", "0.50", "0.00", "0.00", "0.00"]
    assert ["USD", "2", "1", "0.50", "0.70", "0.20", "0.00"] in shown
    assert not any(line[:1] == ["h2"] for line in shown)
    told_all = told(ask("holds", "--state", "all", "--json")[1])
    assert [hold["hold_id"] for hold in told_all["items"]] == ["h2", "h1"]


def test_budgets_are_shown_with_what_is_left(ask, owner, account, views):
    budgets = [
        {"budget_id": "all", "scope": "account", "window": "total", "limit": "1.00", "thresholds": [1]},
        {"budget_id": "ann", "scope": {"user": "ann"}, "window": "month", "limit": "2.00"},
    ]
    owner.put("/v1/accounts/main/limits", {"budgets": budgets})
    views()
    shown = [line.split() for line in ask("budgets", "main")[1].splitlines()]
    assert shown[1][:7] == ["all", "account", "total", "1.00", "0.00", "0.00", "1.00"]
    assert shown[2][:8] == ["ann", "user", "ann", "month", "2.00", "0.00", "0.00", "2.00"]
    assert len(told(ask("budgets", "main", "--json")[1])["items"]) == 2


def test_what_the_service_refuses_is_said_and_exits_2(ask, charged):
    code, out, err = ask("balance", "ghost", "--json")
    assert code == 2
    assert "404 account_not_found" in err
    assert told(out)["exit_code"] == 2


@pytest.mark.parametrize("odd", ["a/b", "..", "main?as_of=0-1", "a b", "main/balance#"])
def test_an_account_is_one_part_of_the_path_whatever_it_is(ask, charged, odd):
    assert ask("balance", odd)[0] == 2


def test_an_admin_names_the_tenant(ask, admin_key, tenant, charged):
    out = ask("balance", "main", "--key", admin_key, "--tenant", tenant, "--json")[1]
    assert told(out)["posted"] == "4.994"


def test_a_service_that_does_not_answer_exits_3(ask):
    assert run(cli, ["balance", "main", "--url", "http://127.0.0.1:1"]) == 3


@pytest.fixture
def blocked(charged, http_database, tenant):
    """The account's stream waits for a repair while the test runs."""
    stream_id = f"{tenant}/account-main"
    with psycopg.connect(http_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO views.blocked_streams (stream_id, shard, reason, detail, record_offset, last_version)"
            " VALUES (%s, 0, 'gap', '', 7, 2)",
            (stream_id,),
        )
        yield
        connection.execute("DELETE FROM views.blocked_streams WHERE stream_id = %s", (stream_id,))


def test_an_answer_that_misses_something_says_so(ask, blocked):
    assert "Incomplete" in ask("balance", "main")[1]
