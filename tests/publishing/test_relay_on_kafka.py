"""The relay's publisher on a real Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from publishing.stored import leaf_of
from usage_ledger.adapters.kafka.producer import KafkaPublisher
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.publishing.publisher import OutgoingRecord
from usage_ledger.publishing.takeover import PublishedEvent
from usage_ledger.settings import Settings, SettingsInvalid
from usage_ledger.unreachable import DependencyUnreachable
from waiting import eventually


@pytest.fixture
def settings(kafka_server: str) -> Settings:
    own = {name: f"{name}-{uuid4().hex}" for name in ("events_topic", "outcomes_topic")}
    return Settings(kafka_bootstrap_servers=kafka_server, commands_topics={}, shards=4, **own)


@pytest.fixture
def publisher(settings: Settings) -> Iterator[KafkaPublisher]:
    create_topics(settings)
    publisher = KafkaPublisher(settings.kafka_client_options(), settings.events_topic)
    yield publisher
    publisher.close()


def records_of(settings: Settings, partition: int, count: int) -> list:
    consumer = KafkaConsumer(**settings.kafka_client_options(), auto_offset_reset="none", enable_auto_commit=False)
    place = TopicPartition(settings.events_topic, partition)
    consumer.assign([place])
    consumer.seek(place, 0)
    found: list = []
    eventually(lambda: found.extend(consumer.poll(200).get(place, [])) or len(found) >= count)
    consumer.close()
    return found


def outgoing(n: int, size: int = 10) -> OutgoingRecord:
    headers = [("position", n.to_bytes(8, "big")), ("incarnation", b"one"), ("leaf", bytes([n % 256]) * 32)]
    return OutgoingRecord(b"acme/account-a", bytes(size), headers)


def test_a_topic_is_made_once_with_a_partition_per_shard(settings):
    assert create_topics(settings) == [settings.events_topic, settings.outcomes_topic]
    assert create_topics(settings) == []


def test_a_topic_with_another_number_of_partitions_is_refused(settings):
    create_topics(settings)
    with pytest.raises(SettingsInvalid, match="4 partitions"):
        create_topics(settings.model_copy(update={"shards": 5}))


def test_brokers_that_do_not_answer_are_called_unreachable(monkeypatch):
    monkeypatch.setattr("usage_ledger.adapters.kafka.topics.BOOTSTRAP_TIMEOUT_MS", 200)
    with pytest.raises(DependencyUnreachable):
        create_topics(Settings(kafka_bootstrap_servers="127.0.0.1:1"))


def test_a_delivery_is_one_batch_on_its_shards_partition_and_done_when_acknowledged(settings, publisher):
    delivery = publisher.send(2, (outgoing(n) for n in range(1, 501)))
    assert not delivery.done()
    publisher.flush(10)
    assert delivery.done()
    assert len({id(future._produce_future) for future in delivery._futures}) == 1
    found = records_of(settings, 2, 500)
    assert [dict(record.headers)["position"] for record in found] == [n.to_bytes(8, "big") for n in range(1, 501)]
    assert publisher.ends_of([2])[2].last == PublishedEvent(500, "one", bytes([500 % 256]) * 32)


def test_the_largest_read_fits_one_batch_of_kafka(publisher):
    largest = 256 * 1024
    delivery = publisher.send(0, [outgoing(n, largest) for n in range(1, 4)])
    publisher.flush(10)
    assert delivery.done()


def test_the_ends_of_all_partitions_are_read_at_once_also_of_empty_ones(publisher):
    publisher.send(0, [outgoing(1), outgoing(2)])
    publisher.send(3, [outgoing(7)])
    publisher.flush(10)
    ends = publisher.ends_of(range(4))
    assert [end.ever_written for end in ends.values()] == [True, False, False, True]
    assert [end.last.position if end.last else None for end in ends.values()] == [2, None, None, 7]


def test_a_relay_publishes_the_store_to_kafka(start_relay, stored, settings, publisher, shard, checkpoint):
    stored(30)
    start_relay(publisher=publisher)
    eventually(lambda: checkpoint() == 30)
    found = records_of(settings, 0, 30)
    assert [record.key.decode() for record in found] == [event.stream_id for event in shard.events]
    assert [dict(record.headers)["leaf"] for record in found] == [leaf_of(event) for event in shard.events]
    assert {record.offset: dict(record.headers)["position"] for record in found} == {
        n: (n + 1).to_bytes(8, "big") for n in range(30)
    }
