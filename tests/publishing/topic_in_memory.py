"""A publisher on a list, for what the relay does around Kafka: it can fail, stall, and be looked into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from usage_ledger.publishing.publisher import OutgoingRecord, PublishFailed
from usage_ledger.publishing.takeover import PublishedEvent, TopicEnd


class Delivery:
    def __init__(self, topic: TopicInMemory, partition: int) -> None:
        self._topic = topic
        self._partition = partition

    def done(self) -> bool:
        if self._partition in self._topic.failing:
            raise PublishFailed("told to")
        return self._partition not in self._topic.stalled


class Published(NamedTuple):
    partition: int
    position: int
    record: OutgoingRecord


class TopicInMemory:
    def __init__(self) -> None:
        self.log: list[Published] = []
        self.failing: set[int] = set()
        self.stalled: set[int] = set()

    def send(self, partition: int, records: Iterable[OutgoingRecord]) -> Delivery:
        for record in records:
            self.log.append(Published(partition, _number(record, "position"), record))
        return Delivery(self, partition)

    def flush(self, timeout_s: float) -> None:
        pass

    def ends_of(self, partitions: Iterable[int]) -> dict[int, TopicEnd]:
        return {partition: self._end_of(partition) for partition in partitions}

    def _end_of(self, partition: int) -> TopicEnd:
        held = [published.record for published in self.log if published.partition == partition]
        if not held:
            return TopicEnd(ever_written=False, last=None)
        headers = dict(held[-1].headers)
        last = PublishedEvent(_number(held[-1], "position"), headers["incarnation"].decode(), headers["leaf"])
        return TopicEnd(ever_written=True, last=last)

    def close(self) -> None:
        pass

    def positions(self, partition: int = 0) -> list[int]:
        return [published.position for published in self.log if published.partition == partition]


def _number(record: OutgoingRecord, header: str) -> int:
    return int.from_bytes(dict(record.headers)[header], "big")
