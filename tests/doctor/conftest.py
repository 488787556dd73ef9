"""A set-up of one's own on the real servers: a migrated database and topics that nobody else uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from kafka import KafkaAdminClient
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.diagnosis.examination import examine
from usage_ledger.diagnosis.finding import Finding
from usage_ledger.diagnosis.logins import OWNER, logins
from usage_ledger.settings import Settings

Examine = Callable[..., dict[str, Finding]]


def dsns(database: str) -> dict[str, str]:
    """A login of each role that the settings know, in this database."""
    roles = [login.role for login in logins(Settings())]
    users = {role: {} if role == OWNER else {"user": f"ledger_{role}"} for role in roles}
    return {f"postgres_{role}_dsn": make_conninfo(database, **users[role]) for role in roles}


@pytest.fixture
def set_up(ledger_database: str, kafka_server: str) -> dict[str, Any]:
    """Settings as keywords, before any topic was made."""
    name = uuid4().hex[:8]
    return {
        **dsns(ledger_database),
        "kafka_bootstrap_servers": kafka_server,
        "events_topic": f"events-{name}",
        "commands_topics": {f"commands-{name}": CommandsTopic(source="kafka")},
        "outcomes_topic": f"outcomes-{name}",
        "commands_partitions": 2,
    }


@pytest.fixture
def examined(set_up: dict[str, Any]) -> Examine:
    """Examines the set-up, with these settings changed; findings by check."""
    return lambda **changed: {found.check: found for found in examine(Settings(**{**set_up, **changed}))}


@pytest.fixture
def with_topics(set_up: dict[str, Any]) -> None:
    create_topics(Settings(**set_up))


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def admin(kafka_server: str) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=kafka_server)
    yield client
    client.close()
