"""The port to the event store: history in pages, each event as the topic would deliver it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from usage_ledger_views.projecting.record import Delivered

Page = Sequence[Delivered]


class Selection(NamedTuple):
    """Which streams of a shard are meant. None = all tenants, all streams.

    ``names`` are what follows the tenant in stream ids, such as ``account-main``.
    """

    tenant: str | None = None
    names: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        return self.tenant is None and self.names is None


class StoredHistory(Protocol):
    """Reads committed events; positions and versions come in ascending order."""

    def shard(self, shard: int, until: int, selection: Selection) -> Iterator[Page]:
        """The events of a shard up to a position, in the order of positions."""
        ...

    def stream(self, shard: int, stream_id: str, after_version: int, until: int) -> Iterator[Page]:
        """The events of a stream after a version, up to a position of its shard."""
        ...

    def last_versions(self, shard: int, until: int) -> Iterator[tuple[str, int]]:
        """Every stream of the shard with its last version at or before a position."""
        ...
