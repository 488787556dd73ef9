"""A producer is left at once, whatever it still has to send, and nothing of it goes on working."""

from __future__ import annotations

from uuid import uuid4

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from usage_ledger.adapters.kafka.abandoning import abandon
from usage_ledger.adapters.kafka.keyed_publisher import KeyedPublisher
from usage_ledger.adapters.kafka.producer import KafkaPublisher
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.publishing.publisher import OutgoingRecord
from usage_ledger.settings import Settings
from waiting import eventually


@pytest.fixture
def settings(kafka_server: str) -> Settings:
    own = {name: f"{name}-{uuid4().hex}" for name in ("events_topic", "outcomes_topic")}
    settings = Settings(kafka_bootstrap_servers=kafka_server, commands_topics={}, shards=1, **own)
    create_topics(settings)
    return settings


def is_over(producer: KafkaProducer) -> bool:
    return not producer._sender.is_alive()


def test_a_relays_publisher_with_records_on_their_way_is_left_at_once(settings):
    publisher = KafkaPublisher(settings.kafka_client_options(), settings.events_topic)
    delivery = publisher.send(0, [OutgoingRecord(b"key", b"value", [])])
    publisher.close()
    eventually(lambda: is_over(publisher._producer))
    with pytest.raises(Exception, match="Producer is closed forcefully"):
        delivery.done()


def test_a_publisher_of_outcomes_is_left_at_once(settings):
    publisher = KeyedPublisher(settings.kafka_client_options(), settings.outcomes_topic)
    publisher._producer.send(settings.outcomes_topic, b"value", b"key")
    publisher.close()
    eventually(lambda: is_over(publisher._producer))


def test_the_librarys_own_close_fails_and_leaves_its_thread_running(settings):
    """The reason for all this. Once it does not hold any more, `close(timeout=0)` will do."""
    producer = KafkaProducer(**settings.kafka_client_options(), linger_ms=60_000)
    producer.send(settings.events_topic, b"value", b"key")
    with pytest.raises(KafkaError):
        producer.close(timeout=0)
    assert not is_over(producer)
    abandon(producer)
    eventually(lambda: is_over(producer))
