"""What others could read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from usage_ledger.diagnosis.exposure import (
    check_http_transport,
    check_kafka_transport,
    check_settings_file,
    judge_postgres_transport,
)
from usage_ledger.settings import Settings


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"kafka_bootstrap_servers": "127.0.0.1:9092,localhost:9093"}, "ok"),
        ({"kafka_bootstrap_servers": "127.0.0.1:9092, kafka:9092"}, "warning"),
        ({"kafka_bootstrap_servers": "kafka:9092", "kafka_security_protocol": "SASL_SSL"}, "ok"),
        (
            {
                "kafka_bootstrap_servers": "kafka:9092",
                "kafka_security_protocol": "SASL_PLAINTEXT",
                "kafka_sasl_mechanism": "PLAIN",
                "kafka_password": "p",
            },
            "failure",
        ),
    ],
)
def test_kafka_beyond_this_machine_is_encrypted(fields: dict[str, Any], level: str) -> None:
    assert check_kafka_transport(Settings(**fields)).level == level


@pytest.mark.parametrize(("host", "level"), [("127.0.0.1", "ok"), ("0.0.0.0", "warning"), ("::", "warning")])
def test_an_http_door_that_others_reach_needs_tls_in_front(host: str, level: str) -> None:
    assert check_http_transport(Settings(http_host=host)).level == level


@pytest.mark.parametrize(
    ("here", "encrypted", "level"), [(True, False, "ok"), (False, True, "ok"), (False, False, "warning")]
)
def test_postgres_beyond_this_machine_is_encrypted(here: bool, encrypted: bool, level: str) -> None:
    assert judge_postgres_transport("c", "reader", here=here, encrypted=encrypted).level == level


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o640, "ok"), (0o644, "failure"), (0o660, "failure")])
def test_a_settings_file_is_not_open_to_others(tmp_path: Path, mode: int, level: str) -> None:
    file = tmp_path / "settings.toml"
    file.touch()
    file.chmod(mode)
    assert check_settings_file({"USAGE_LEDGER_SETTINGS": str(file)}).level == level


def test_without_a_settings_file_there_is_nothing_to_open() -> None:
    assert check_settings_file({}).level == "ok"
