"""The port to the topic: what the relay needs of Kafka."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from usage_ledger.publishing.takeover import TopicEnd


class OutgoingRecord(NamedTuple):
    """A record in raw bytes for one partition."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class PublishFailed(Exception):
    """Records may or may not be on the topic. They must be sent again, in order, before any later ones."""


class Delivery(Protocol):
    """Records of one partition on their way."""

    def done(self) -> bool:
        """Whether all are acknowledged. Raises PublishFailed if one was not taken."""
        ...


class Publisher(Protocol):
    """A topic with one partition a shard."""

    def send(self, partition: int, records: Iterable[OutgoingRecord]) -> Delivery:
        """Hand records over, in order, as one batch. At most one delivery of a partition may be on its way."""
        ...

    def flush(self, timeout_s: float) -> None:
        """Send what was handed over and wait for acknowledgements, at most for ``timeout_s``."""
        ...

    def ends_of(self, partitions: Collection[int]) -> dict[int, TopicEnd]: ...
    def close(self) -> None: ...
