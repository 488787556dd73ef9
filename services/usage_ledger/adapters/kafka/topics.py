"""Creates the topics that the contract names, with the partitions and the configuration that it asks for."""

from __future__ import annotations

from contextlib import closing
from typing import Any, cast

from kafka import KafkaAdminClient
from kafka.errors import KafkaConfigurationError, KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from usage_ledger.settings import Settings, SettingsInvalid
from usage_ledger.unreachable import DependencyUnreachable
from usage_ledger_schemas.topics import EVENTS

BOOTSTRAP_TIMEOUT_MS = 10_000
BROKER_DEFAULT = -1


def create_topics(settings: Settings) -> list[str]:
    """Create what is missing and return its names; safe to run again and by several at once.

    Raises SettingsInvalid when a topic exists with another number of partitions than there are shards (a position is a
    place on a partition, so that cannot be mended), DependencyUnreachable.
    """
    try:
        return _create(settings)
    except KafkaConfigurationError as error:
        raise SettingsInvalid(f"Kafka's client refuses its options: {error}") from error
    except KafkaError as error:
        reason = f"{type(error).__name__}: {error}"
        raise DependencyUnreachable(f"Kafka at {settings.kafka_bootstrap_servers} does not answer: {reason}") from error


def _create(settings: Settings) -> list[str]:
    name = settings.events_topic
    configuration: dict[str, Any] = {
        **settings.kafka_client_options(),
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
    }
    with closing(cast("Any", KafkaAdminClient(**configuration))) as admin:
        if partitions := _partitions(admin, name):
            _check(name, partitions, settings.shards)
            return []
        wanted = {
            "num_partitions": settings.shards,
            "replication_factor": BROKER_DEFAULT,
            "configs": EVENTS.config,
        }
        try:
            admin.create_topics({name: wanted}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return []
        return [name]


def _partitions(admin: Any, topic: str) -> int:
    """How many partitions a topic has; 0 if there is no such topic."""
    try:
        described: list[dict[str, Any]] = admin.describe_topics([topic])
    except UnknownTopicOrPartitionError:
        return 0
    return sum(len(each["partitions"]) for each in described if each["error_code"] == 0)


def _check(topic: str, partitions: int, shards: int) -> None:
    if partitions != shards:
        raise SettingsInvalid(f"topic {topic} has {partitions} partitions, but the store has {shards} shards")
