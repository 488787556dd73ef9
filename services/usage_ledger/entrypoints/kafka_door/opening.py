"""Puts the Kafka door beside the HTTP door, around the same appender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.kafka.group_consumer import GroupConsumer
from usage_ledger.adapters.kafka.keyed_publisher import KeyedPublisher
from usage_ledger.adapters.postgres.dead_letters import DeadLetters
from usage_ledger.entrypoints.http.application import OpenDoor
from usage_ledger.entrypoints.http.door import Door as HttpDoor
from usage_ledger.entrypoints.kafka_door.deciding import AppendsInOrder
from usage_ledger.entrypoints.kafka_door.door import KafkaDoor
from usage_ledger.entrypoints.kafka_door.session import Door, Session
from usage_ledger.settings import Settings


def with_kafka_door(open_http_door: OpenDoor, settings: Settings, appender: AppendsInOrder) -> OpenDoor:
    """The Kafka door opens once the appender runs, and closes before it is stopped: what it handed in is finished."""
    if not settings.commands_topics:
        return open_http_door

    @asynccontextmanager
    async def open_doors() -> AsyncGenerator[HttpDoor]:
        async with open_http_door() as http_door:
            kafka_door = KafkaDoor(sessions(settings, appender))
            kafka_door.start()
            try:
                yield http_door
            finally:
                await asyncio.to_thread(kafka_door.stop)

    return open_doors


def sessions(settings: Settings, appender: AppendsInOrder) -> Callable[[], Session]:
    """What opens a session on the configured Kafka. It raises KafkaError."""
    options = settings.kafka_client_options()
    door = Door(
        appender=appender,
        dead_letters=DeadLetters(settings.postgres_appender_dsn.get_secret_value()),
        topics=settings.commands_topics,
        clock=SystemClock(),
        max_items=min(settings.appender_group_max_items, settings.appender_queue_max_items),
    )

    def open_session() -> Session:
        publisher = KeyedPublisher(options, settings.outcomes_topic)
        try:
            consumer = GroupConsumer(options, settings.commands_group, settings.commands_topics)
        except BaseException:
            publisher.close()
            raise
        return Session(door, consumer, publisher)

    return open_session
