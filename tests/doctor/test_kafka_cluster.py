"""Kafka and its topics: each thing that can be wrong with a topic is made wrong on a real broker."""

from __future__ import annotations

from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from doctor.conftest import Examine
from usage_ledger.diagnosis.kafka_cluster import judge_replication


def make(admin: Any, topic: str, partitions: int) -> None:
    admin.create_topics({topic: {"num_partitions": partitions, "replication_factor": -1}}, wait_for_metadata=True)


def configure(admin: Any, topic: str, **values: str) -> None:
    config = {name.replace("_", "."): value for name, value in values.items()}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)])


def test_topics_as_migrate_makes_them_are_well(examined: Examine, set_up: dict[str, Any], with_topics: None) -> None:
    found = examined()
    assert found["kafka"].found == "1 broker"
    for topic in (set_up["events_topic"], *set_up["commands_topics"], set_up["outcomes_topic"]):
        assert found[f"partitions {topic}"].level == "ok"
        assert found[f"configuration {topic}"].level == "ok"
        assert found[f"replication {topic}"].level == "warning"


def test_a_topic_that_is_not_there_is_a_failure(examined: Examine, set_up: dict[str, Any]) -> None:
    topic = set_up["events_topic"]
    assert examined()[f"topic {topic}"].level == "failure"


def test_events_have_a_partition_a_shard_exactly(examined: Examine, set_up: dict[str, Any], admin: Any) -> None:
    make(admin, set_up["events_topic"], 5)
    make(admin, set_up["outcomes_topic"], 5)
    make(admin, next(iter(set_up["commands_topics"])), 1)
    found = examined()
    assert found[f"partitions {set_up['events_topic']}"].level == "failure"
    assert found[f"partitions {set_up['outcomes_topic']}"].level == "ok"
    assert found[f"partitions {next(iter(set_up['commands_topics']))}"].level == "warning"


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({"cleanup_policy": "compact"}, "failure"),
        ({"retention_ms": "1000"}, "failure"),
        ({"retention_bytes": "1000"}, "failure"),
        ({"max_message_bytes": "1000"}, "failure"),
        ({"max_message_bytes": "2000000"}, "ok"),
        ({"compression_type": "gzip"}, "warning"),
    ],
)
def test_what_loses_events_is_a_failure(
    examined: Examine, set_up: dict[str, Any], with_topics: None, admin: Any, values: dict[str, str], level: str
) -> None:
    topic = set_up["events_topic"]
    # All of them, because altering sets the others back to the defaults of the broker.
    configure(admin, topic, **{"retention_ms": "-1", "cleanup_policy": "delete", **values})
    assert examined()[f"configuration {topic}"].level == level


def test_more_replicas_in_sync_than_there_are_stop_every_write(
    examined: Examine, set_up: dict[str, Any], with_topics: None, admin: Any
) -> None:
    topic = set_up["events_topic"]
    configure(admin, topic, min_insync_replicas="2")
    assert examined()[f"replication {topic}"].level == "failure"


@pytest.mark.parametrize(
    ("replicas", "in_sync_min", "level"),
    [(1, 1, "warning"), (1, 2, "failure"), (3, 1, "warning"), (3, 2, "ok"), (3, 3, "warning")],
)
def test_replicas_and_those_in_sync(replicas: int, in_sync_min: int, level: str) -> None:
    assert judge_replication("t", replicas, in_sync_min).level == level


def test_a_broker_that_does_not_answer_is_unreachable(examined: Examine) -> None:
    assert examined(kafka_bootstrap_servers="127.0.0.1:1")["kafka"].level == "unreachable"


def test_options_that_the_client_refuses_are_a_failure(examined: Examine) -> None:
    assert examined(kafka_bootstrap_servers="nonsense:port:x")["kafka"].level == "failure"
