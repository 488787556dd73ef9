"""Both doors on a real Postgres and a real Kafka. One pair for all tests: each test has a tenant of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from http_door.client import Api
from http_door.set_up import bootstrap, settings_for
from kafka_door.gateway import Gateway
from kafka_door.running import running_doors
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.settings import Settings


@pytest.fixture(scope="session")
def kafka_door_database(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """Conninfo, as owner, of the database that all tests of the doors share."""
    name = f"kafka_door_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(migrated_template)))
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def settings_on(kafka_server: str, database: str, **others: Any) -> Settings:
    """Topics of its own: ``platform…`` may say anything, ``gateway…`` all but the platform's, ``one…`` only acme's."""
    run = uuid4().hex[:12]
    return settings_for(
        database,
        kafka_bootstrap_servers=kafka_server,
        events_topic=f"events-{run}",
        outcomes_topic=f"outcomes-{run}",
        commands_group=f"group-{run}",
        commands_partitions=4,
        commands_topics={
            f"platform-{run}": {"source": "operations", "tenants": ["*", "platform"]},
            f"gateway-{run}": {"source": "gateway", "tenants": ["*"]},
            f"one-{run}": {"source": "acme-gateway", "tenants": ["acme"]},
        },
        **others,
    )


@pytest.fixture(scope="session")
def kafka_door_settings(kafka_server: str, kafka_door_database: str) -> Settings:
    settings = settings_on(kafka_server, kafka_door_database)
    create_topics(settings)
    return settings


@pytest.fixture(scope="session")
def url(kafka_door_settings: Settings) -> Iterator[str]:
    with running_doors(kafka_door_settings) as running:
        yield running


@pytest.fixture(scope="session")
def gateway(url: str, kafka_door_settings: Settings) -> Iterator[Gateway]:
    gateway = Gateway(kafka_door_settings.kafka_bootstrap_servers, kafka_door_settings.outcomes_topic)
    yield gateway
    gateway.close()


@pytest.fixture(scope="session")
def topic(kafka_door_settings: Settings) -> Callable[[str], str]:
    """The topic whose name begins so."""
    return lambda name: next(topic for topic in kafka_door_settings.commands_topics if topic.startswith(f"{name}-"))


@pytest.fixture(scope="session")
def admin(url: str, kafka_door_settings: Settings) -> Iterator[Api]:
    with Api(url, bootstrap(kafka_door_settings)) as api:
        yield api


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid4().hex[:12]}"


@pytest.fixture
def owner(kafka_door_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(kafka_door_database, autocommit=True) as connection:
        yield connection
