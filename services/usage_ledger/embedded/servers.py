"""Starts one server under supervision and returns when it can be used."""

from collections.abc import Callable
from pathlib import Path

from usage_ledger.embedded.data_folder import jar_cache
from usage_ledger.embedded.jars import class_path, kafka_jars
from usage_ledger.embedded.kafka import KafkaNode
from usage_ledger.embedded.maven import fetch_from_registry, local_maven_repository
from usage_ledger.embedded.postgres import SUPERUSER, PostgresServer
from usage_ledger.embedded.readiness import port_answers, postgres_answers
from usage_ledger.embedded.supervision import Supervision

# Generous: a busy machine that recovers a large ledger after a crash is slow, not broken.
_POSTGRES_START_MS = 60_000
_KAFKA_START_MS = 60_000

# Tells people what is being done at the moment.
Report = Callable[[str], None]


def start_postgres(server: PostgresServer, supervision: Supervision) -> None:
    """Makes its data folder the first time and starts it. Raises ServerFailed, with its log, if that fails."""
    server.prepare()
    unit = server.unit()
    supervision.run(unit)
    supervision.wait_until(unit, postgres_answers(server.conninfo(SUPERUSER)), timeout_ms=_POSTGRES_START_MS)


def start_kafka(node: KafkaNode, supervision: Supervision) -> None:
    """Formats its data folder the first time and starts it. Raises ServerFailed, with its log, if that fails."""
    node.prepare()
    unit = node.unit()
    supervision.run(unit)
    supervision.wait_until(unit, port_answers(node.port), timeout_ms=_KAFKA_START_MS)


def available_jars(report: Report) -> list[Path]:
    """Kafka's class path; fetched the first time, which takes some ten seconds."""
    return class_path(
        kafka_jars(),
        cache=jar_cache(),
        other_repositories=[local_maven_repository()],
        fetch=fetch_from_registry,
        report=lambda done, count: report(f"Fetching Kafka, once: {done} of {count} jars"),
    )
