"""The port to what a fact may settle: waiting items and suspended lines, found page by page."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from usage_ledger.pricing.events import PriceVersionPublished


class Suspended(NamedTuple):
    """A line without a price, by its attempt key. In this order they are paged through: account by account."""

    shard: int
    tenant: str
    account_id: str
    key: bytes


BEFORE_ALL = Suspended(-1, "", "", b"")


class Unsettled(Protocol):
    """What is found may have been settled since: the command that follows asks again, under the lock."""

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        """Keys above ``after``, in order, of items that wait for this reason."""
        ...

    def suspended(self, price: PriceVersionPublished, after: Suspended, limit: int) -> list[Suspended]:
        """Lines above ``after``, in order, that the price might rate: of its model, currency, time and account."""
        ...

    def wait_for_decisions(self) -> None:
        """Returns when every decision that began before this call is there to be found."""
        ...
