"""The settings file of an embedded stack says what its servers decided, and who may send commands over its Kafka."""

import pytest

from usage_ledger.embedded.connections import Connections
from usage_ledger.settings import load_settings


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("USAGE_LEDGER_SETTINGS", str(path))
    return path


def connections() -> Connections:
    fields = Connections.__dataclass_fields__
    return Connections(**{name: 1 if fields[name].type in (int, "int") else name for name in fields} | SASL)


SASL = {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_sasl_mechanism": "PLAIN"}


def test_the_file_reads_as_it_was_written(file):
    connections().write(file)
    settings = load_settings()
    assert settings.kafka_password.get_secret_value() == "kafka_password"
    assert (settings.http_port, settings.kafka_sasl_mechanism) == (1, "PLAIN")


def test_the_topic_of_commands_speaks_for_everybody(file):
    connections().write(file)
    topic = load_settings().commands_topics["usage-ledger.commands"]
    assert topic.source == "kafka"
    assert topic.speaks_for("anybody")
    assert topic.speaks_for("platform")
