"""Creates the topics that the contract names, with the partitions and the configuration that it asks for."""

from __future__ import annotations

from contextlib import closing
from typing import Any, NamedTuple, cast

from kafka import KafkaAdminClient
from kafka.errors import KafkaConfigurationError, KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from usage_ledger.settings import Settings, SettingsInvalid
from usage_ledger.unreachable import DependencyUnreachable
from usage_ledger_schemas.topics import COMMANDS, EVENTS, OUTCOMES, TopicDefinition

BOOTSTRAP_TIMEOUT_MS = 10_000
BROKER_DEFAULT = -1


class WantedTopic(NamedTuple):
    """A topic by the name that the deployment gives it. ``exactly``: another number of partitions cannot be mended."""

    name: str
    definition: TopicDefinition
    partitions: int
    exactly: bool


def create_topics(settings: Settings) -> list[str]:
    """Create what is missing and return its names; safe to run again and by several at once.

    Raises SettingsInvalid when the events topic has another number of partitions than there are shards (a position is
    a place on a partition, so that cannot be mended), DependencyUnreachable.
    """
    try:
        return _create_missing(settings)
    except KafkaConfigurationError as error:
        raise SettingsInvalid(f"Kafka's client refuses its options: {error}") from error
    except KafkaError as error:
        reason = f"{type(error).__name__}: {error}"
        raise DependencyUnreachable(f"Kafka at {settings.kafka_bootstrap_servers} does not answer: {reason}") from error


def wanted_topics(settings: Settings) -> list[WantedTopic]:
    """Every topic that the settings name."""
    partitions = settings.commands_partitions
    return [
        WantedTopic(settings.events_topic, EVENTS, settings.shards, exactly=True),
        *(WantedTopic(name, COMMANDS, partitions, exactly=False) for name in settings.commands_topics),
        WantedTopic(settings.outcomes_topic, OUTCOMES, partitions, exactly=False),
    ]


def _create_missing(settings: Settings) -> list[str]:
    configuration: dict[str, Any] = {
        **settings.kafka_client_options(),
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
    }
    with closing(cast("Any", KafkaAdminClient(**configuration))) as admin:
        return [wanted.name for wanted in wanted_topics(settings) if _create(admin, wanted)]


def _create(admin: Any, wanted: WantedTopic) -> bool:
    """Whether it was missing."""
    if partitions := _partitions(admin, wanted.name):
        _check(wanted, partitions)
        return False
    topic = {
        "num_partitions": wanted.partitions,
        "replication_factor": BROKER_DEFAULT,
        "configs": wanted.definition.config,
    }
    try:
        admin.create_topics({wanted.name: topic}, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        return False
    return True


def _partitions(admin: Any, topic: str) -> int:
    """How many partitions a topic has; 0 if there is no such topic."""
    try:
        described: list[dict[str, Any]] = admin.describe_topics([topic])
    except UnknownTopicOrPartitionError:
        return 0
    return sum(len(each["partitions"]) for each in described if each["error_code"] == 0)


def _check(wanted: WantedTopic, partitions: int) -> None:
    if wanted.exactly and partitions != wanted.partitions:
        raise SettingsInvalid(
            f"topic {wanted.name} has {partitions} partitions, but the store has {wanted.partitions} shards"
        )
