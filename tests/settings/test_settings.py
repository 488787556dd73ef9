"""Settings come from the environment, a file or a documented default, and never give a secret away."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from usage_ledger.settings import Settings, SettingsInvalid, load_settings
from usage_ledger.settings_table import settings_table

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch):
    for name in [name for name in os.environ if name.startswith("USAGE_LEDGER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("USAGE_LEDGER_SETTINGS", str(path))
    return path


def test_the_table_for_operators_is_up_to_date():
    assert (ROOT / "deploy/settings.md").read_text() == settings_table(), "run: make settings"


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_environment_wins_over_the_file(file, monkeypatch):
    file.write_text("shards = 8\nhttp_port = 1234\n")
    monkeypatch.setenv("USAGE_LEDGER_HTTP_PORT", "4321")
    settings = load_settings()
    assert (settings.shards, settings.http_port) == (8, 4321)


def test_a_file_that_is_named_must_exist(file):
    with pytest.raises(SettingsInvalid, match="no settings file"):
        load_settings()


def test_a_misspelt_setting_in_the_file_is_refused(file):
    file.write_text("http_prot = 1234\n")
    with pytest.raises(SettingsInvalid, match="http_prot"):
        load_settings()


def test_a_file_that_is_not_toml_is_refused(file):
    file.write_text("shards: 8\n")
    with pytest.raises(SettingsInvalid, match="not TOML"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SHARDS", "0"), ("SHARDS", "many"), ("HTTP_PORT", "65536"), ("RELAY_LINGER_MS", "-1"), ("LOG_LEVEL", "chatty")],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"USAGE_LEDGER_{name}", value)
    with pytest.raises(SettingsInvalid, match=name.lower()):
        load_settings()


def test_no_password_is_ever_printed(monkeypatch):
    secret = "hunter2"
    monkeypatch.setenv("USAGE_LEDGER_KAFKA_PASSWORD", secret)
    monkeypatch.setenv("USAGE_LEDGER_POSTGRES_APPENDER_DSN", f"host=db password={secret}")
    settings = load_settings()
    assert secret not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_refused_file_does_not_give_its_secrets_away(file):
    file.write_text('kafka_password = ["hunter2"]\n')
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_every_connection_to_postgres_is_a_secret():
    connections = {name: field.annotation for name, field in Settings.model_fields.items() if name.endswith("_dsn")}
    assert len(connections) == 7
    assert set(connections.values()) == {SecretStr}


def test_kafka_clients_get_only_what_is_set():
    assert Settings().kafka_client_options() == {
        "bootstrap_servers": "127.0.0.1:9092",
        "security_protocol": "PLAINTEXT",
    }


def test_kafka_clients_get_the_login(monkeypatch):
    for name, value in {
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "USERNAME": "ledger",
        "PASSWORD": "hunter2",
        "SSL_CAFILE": "/etc/ca.pem",
    }.items():
        monkeypatch.setenv(f"USAGE_LEDGER_KAFKA_{name}", value)
    assert load_settings().kafka_client_options() == {
        "bootstrap_servers": "127.0.0.1:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ledger",
        "sasl_plain_password": "hunter2",
        "ssl_cafile": "/etc/ca.pem",
    }


def test_a_topic_speaks_for_the_tenants_that_its_table_names(file):
    file.write_text("""
[commands_topics."gateway.commands"]
source = "gateway-1"
tenants = ["acme", "globex"]
""")
    topic = load_settings().commands_topics["gateway.commands"]
    assert topic.source == "gateway-1"
    assert [topic.speaks_for(tenant) for tenant in ("acme", "globex", "other", "platform")] == [
        True,
        True,
        False,
        False,
    ]


def test_all_tenants_are_all_but_the_platform_which_has_to_be_named(monkeypatch):
    monkeypatch.setenv(
        "USAGE_LEDGER_COMMANDS_TOPICS",
        '{"a": {"source": "s", "tenants": ["*"]}, "b": {"source": "s", "tenants": ["*", "platform"]}}',
    )
    topics = load_settings().commands_topics
    assert [topics[name].speaks_for("anybody") for name in "ab"] == [True, True]
    assert [topics[name].speaks_for("platform") for name in "ab"] == [False, True]


def test_a_topic_speaks_for_nobody_unless_it_is_told():
    assert not Settings().commands_topics["usage-ledger.commands"].speaks_for("acme")


@pytest.mark.parametrize(
    "topic",
    ['{"tenants": ["a"]}', '{"source": ".."}', '{"source": "s", "tenants": ["a/b"]}', '{"source": "s", "x": 1}'],
)
def test_a_topic_that_makes_no_sense_is_refused_by_name(monkeypatch, topic):
    monkeypatch.setenv("USAGE_LEDGER_COMMANDS_TOPICS", f'{{"t": {topic}}}')
    with pytest.raises(SettingsInvalid, match="commands_topics"):
        load_settings()
