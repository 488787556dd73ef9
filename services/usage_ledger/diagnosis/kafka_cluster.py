"""Kafka: whether it answers, and whether the topics are what the contract and the settings ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final, cast

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaConfigurationError, KafkaError

from usage_ledger.adapters.kafka.topics import WantedTopic, wanted_topics
from usage_ledger.diagnosis.finding import Finding, failure, ok, unreachable, warning
from usage_ledger.settings import Settings

_BOOTSTRAP_TIMEOUT_MS: Final = 3_000
_AT_LEAST: Final = ("max.message.bytes",)
_MUST: Final = ("cleanup.policy", "max.message.bytes")
"""What loses records when it is wrong; so does the retention of a topic that keeps everything."""


def check_kafka(settings: Settings) -> list[Finding]:
    """Every topic of the settings. An error's text is not shown: it could name what the client was given."""
    try:
        with closing(_client(settings)) as admin:
            return [_brokers(admin), *_topics(admin, settings)]
    except (KafkaConfigurationError, _OptionsRefused):
        return [failure("kafka", "the client refuses its options", "correct the settings that begin with kafka_")]
    except KafkaError as error:
        found = f"{settings.kafka_bootstrap_servers} does not answer: {type(error).__name__}"
        return [unreachable("kafka", found, "start Kafka, or correct kafka_bootstrap_servers and the login")]


class _OptionsRefused(Exception):
    """The client cannot be made with these options."""


def _client(settings: Settings) -> Any:
    configuration: dict[str, Any] = {
        **settings.kafka_client_options(),
        "bootstrap_timeout_ms": _BOOTSTRAP_TIMEOUT_MS,
    }
    try:
        return KafkaAdminClient(**configuration)
    except (ValueError, AssertionError) as error:
        raise _OptionsRefused from error


def _brokers(admin: Any) -> Finding:
    brokers: list[Any] = admin.describe_cluster()["brokers"]
    return ok("kafka", f"{len(brokers)} broker{'s' if len(brokers) > 1 else ''}")


def _topics(admin: Any, settings: Settings) -> Iterator[Finding]:
    for wanted in wanted_topics(settings):
        described = _described(admin, wanted.name)
        if described is None:
            yield failure(f"topic {wanted.name}", "there is no such topic", "run `usage-ledger migrate`")
            continue
        config = _config(admin, wanted.name)
        partitions: list[Any] = described["partitions"]
        yield judge_partitions(wanted, len(partitions))
        yield judge_config(wanted, config)
        replicas = min(len(partition["replica_nodes"]) for partition in partitions)
        yield judge_replication(wanted.name, replicas, int(config["min.insync.replicas"]))


def judge_partitions(wanted: WantedTopic, partitions: int) -> Finding:
    check = f"partitions {wanted.name}"
    if partitions == wanted.partitions or (partitions > wanted.partitions and not wanted.exactly):
        return ok(check, str(partitions))
    found = f"{partitions} instead of {wanted.partitions}"
    if wanted.exactly:
        mend = "one a shard, for ever: name a new topic in events_topic, and the relay publishes everything to it"
        return failure(check, found, mend)
    return warning(check, found, "add partitions, or lower commands_partitions")


def judge_config(wanted: WantedTopic, config: Mapping[str, str]) -> Finding:
    """Against the topic's definition. Shorter retention of events, another policy or smaller records lose records."""
    check = f"configuration {wanted.name}"
    wrong = {
        name: value for name, value in wanted.definition.config.items() if not _fits(name, value, config.get(name, ""))
    }
    if not wrong:
        return ok(check, "as the contract says")
    found = ", ".join(f"{name} is {config.get(name, 'unknown')}, not {value}" for name, value in wrong.items())
    loses = any(name in _MUST or (name.startswith("retention.") and wanted.exactly) for name in wrong)
    mend = "set it with Kafka's own tools: " + ", ".join(f"{name}={value}" for name, value in wrong.items())
    return (failure if loses else warning)(check, found, mend)


def judge_replication(topic: str, replicas: int, in_sync_min: int) -> Finding:
    check, found = f"replication {topic}", f"{replicas} replicas, at least {in_sync_min} in sync"
    if in_sync_min > replicas:
        return failure(check, found, "nothing can be written: lower min.insync.replicas or add replicas")
    if replicas == 1:
        return warning(check, found, "one lost disk loses the topic: three replicas and min.insync.replicas = 2")
    if in_sync_min == 1:
        return warning(check, found, "one lost disk may lose what was acknowledged: min.insync.replicas = 2")
    if in_sync_min == replicas:
        return warning(check, found, "one broker down stops all writes: one replica more than min.insync.replicas")
    return ok(check, found)


def _fits(name: str, wanted: str, actual: str) -> bool:
    return int(actual or 0) >= int(wanted) if name in _AT_LEAST else actual == wanted


def _described(admin: Any, topic: str) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = admin.describe_topics([topic])
    return next((each for each in found if each["error_code"] == 0 and each["partitions"]), None)


def _config(admin: Any, topic: str) -> dict[str, str]:
    resource = ConfigResource(cast("Any", ConfigResourceType).TOPIC, topic)
    described: dict[str, dict[str, dict[str, Any]]] = admin.describe_configs([resource], config_filter="all")
    return {name: str(entry["value"]) for name, entry in described["topic"][topic].items()}
