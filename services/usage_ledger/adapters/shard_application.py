"""One event-sourced application of the library for each shard: its recorder, its mapper, and reads of its history.

Appending does not go through ``Application.save``: the appender's transaction holds several shards and the index rows
as well. Replay and repair fold records as Kafka has them, and read the stored bytes instead (``stored_history``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, Mapper
from eventsourcing.popo import POPOFactory
from eventsourcing.utils import Environment

from usage_ledger.adapters.avro_mapper import AvroMapper
from usage_ledger.recorded_event import RecordedEvent

PAGE_EVENTS = 1_000


class ShardApplication(Application[str]):
    """The library's application over the recorder of one shard, Postgres' or the one in memory."""

    def __init__(self, recorder: ApplicationRecorder) -> None:
        self._shard_recorder = recorder
        super().__init__({"ORIGINATOR_ID_TYPE": "text"})

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        """The recorder is handed in, so the factory has nothing to connect to."""
        return cast("InfrastructureFactory", POPOFactory(env))

    def construct_mapper(self) -> Mapper[str]:
        return AvroMapper()

    def construct_recorder(self) -> ApplicationRecorder:
        return self._shard_recorder

    def stream(self, stream_id: str) -> Iterator[RecordedEvent]:
        """The events of a stream, oldest first."""
        return cast("Iterator[RecordedEvent]", self.events.get(stream_id))

    def history(self, after: int = 0, until: int | None = None) -> Iterator[tuple[int, RecordedEvent]]:
        """Every event of the shard in the order of positions, each with its position, a page at a time."""
        while page := self.recorder.select_notifications(after, PAGE_EVENTS, until, inclusive_of_start=False):
            for notification in page:
                yield notification.id, cast("RecordedEvent", self.mapper.to_domain_event(notification))
            after = page[-1].id
