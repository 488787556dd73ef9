"""The demo and `publish` on the real stack: nothing is lost, nothing is counted twice, nobody else is affected."""

import json

import psycopg
import pytest

from usage_ledger.embedded.data_folder import throw_away_folder
from usage_ledger.embedded.stack import StackOptions, running_ledger
from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import run
from usage_ledger.entrypoints.demo.place import Place
from usage_ledger.entrypoints.demo.players import players_at
from usage_ledger.settings import SETTINGS_FILE_VARIABLE

CALLS = [(f"2023-11-16 18:{n % 60:02}:00.1234567", n * 37 % 5_000, n * 11 % 300) for n in range(1, 251)]
INPUT_TOKENS = sum(call[1] for call in CALLS)
OUTPUT_TOKENS = sum(call[2] for call in CALLS)


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    file = tmp_path_factory.mktemp("trace") / "trace.csv"
    lines = [f"{time},{context},{generated}\n" for time, context, generated in CALLS]
    file.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n\n" + "".join(lines) + "\n")
    return str(file)


@pytest.fixture(scope="module")
def stack():
    options = StackOptions(fast_start=True, kafka_heap="256m")
    with running_ledger(throw_away_folder(), options, lambda _: None) as running:
        yield running


@pytest.fixture
def command(capsys):
    def answer(*arguments):
        code = run(cli, [*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return answer


@pytest.fixture
def shared(stack, monkeypatch):
    """The stack as the ledger that the settings name."""
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(stack.folder.settings_file))
    where = stack.connections
    return Place(where.url, where.postgres_reader_dsn, where.environment(stack.folder.settings_file), is_shared=True)


def require_proven(code, answer):
    assert code == 0
    assert (answer["items"], answer["accepted"], answer["view_items"], answer["lost"]) == (250, 250, 250, 0)
    assert answer["input_tokens"] == answer["view_input_tokens"] == INPUT_TOKENS
    assert answer["output_tokens"] == answer["view_output_tokens"] == OUTPUT_TOKENS
    assert answer["charged"] == answer["view_charged"] != "0.00"
    assert answer["hostile"]["answers"] == {
        "ordinary": "accepted",
        "duplicate": "duplicate",
        "conflict": "conflict: idempotency_conflict",
        "future_time": "rejected: occurred_in_future",
        "negative_count": "rejected: invalid_quantity",
        "unknown_model": "accepted: unpriced, no_price",
    }


def test_a_trace_goes_through_a_stack_of_its_own_and_every_total_is_proved(command, trace, monkeypatch):
    monkeypatch.delenv(SETTINGS_FILE_VARIABLE, raising=False)
    require_proven(*command("demo", "--trace", trace, "--workspaces", "3"))


def test_on_a_shared_ledger_the_demo_changes_nothing_for_others(shared, command, trace):
    require_proven(*command("demo", "--trace", trace, "--workspaces", "3"))
    with players_at(shared, "others") as players:
        registered = players.admin.write("POST", "/v1/workspaces", {"workspace_id": "ws"})
    assert (registered["resolved_mode"], registered["source"]) == ("byok", "derived_default")


def test_on_a_shared_ledger_the_keys_of_the_demo_are_revoked_in_the_end(shared, command, trace):
    command("demo", "--trace", trace)
    keys = "SELECT source, bool_and(revoked_at IS NOT NULL) FROM ledger.service_keys WHERE source ~ '^demo-' GROUP BY 1"
    with psycopg.connect(shared.reader_dsn) as connection:
        assert dict(connection.execute(keys).fetchall()) == {"demo-operator": True, "demo-gateway": True}


@pytest.fixture
def gateway_of(shared):
    """Makes a tenant with two workspaces; answers the key of its gateway."""

    def key(tenant):
        with players_at(shared, tenant) as players:
            for workspace in ("a", "b"):
                players.admin.write("POST", "/v1/workspaces", {"workspace_id": workspace})
            return players.admin.write("POST", "/v1/keys", {"scopes": ["usage"], "source": "gateway"})["secret"]

    return key


def test_a_file_published_twice_is_accepted_once(gateway_of, command, trace):
    publishing = ["publish", trace, "--key", gateway_of("twice"), "--workspaces", "a,b", "--model", "m"]
    code, first = command(*publishing)
    assert (code, first["items"], first["accepted"]) == (0, 250, 250)
    code, second = command(*publishing)
    assert (code, second["items"], second["duplicates"]) == (0, 250, 250)


def test_another_model_for_the_same_calls_is_a_conflict(gateway_of, command, trace):
    publishing = ["publish", trace, "--key", gateway_of("conflict"), "--workspaces", "a", "--model"]
    assert command(*publishing, "one")[0] == 0
    code, second = command(*publishing, "another")
    assert (code, second["conflicts"], second["codes"]) == (1, 250, {"idempotency_conflict": 250})


def test_a_service_that_is_not_there_is_unreachable(command, trace, monkeypatch, tmp_path):
    nowhere = tmp_path / "settings.toml"
    nowhere.write_text('postgres_reader_dsn = "host=127.0.0.1 port=1 user=x dbname=y connect_timeout=1"\n')
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(nowhere))
    code, answer = command("demo", "--trace", trace)
    assert (code, "admin key" in answer["error"]) == (3, True)
