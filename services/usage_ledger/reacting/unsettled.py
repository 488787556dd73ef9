"""The port to what a fact may settle: waiting items and suspended lines, found page by page."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from usage_ledger.pricing.policy import AccountKey
from usage_ledger.reacting.workspace_index import WorkspaceIndex


class Wanted(NamedTuple):
    """Suspended lines that a fact might rate; None stands for any. Times are microseconds UTC, [from, to).

    ``models`` are the names of models as they answered.
    """

    models: AbstractSet[str] | None
    currency: str | None = None
    occurred_from: int | None = None
    occurred_to: int | None = None
    account: AccountKey | None = None


class Suspended(NamedTuple):
    """A line without a price, by its attempt key. In this order they are paged through: account by account."""

    shard: int
    tenant: str
    account_id: str
    key: bytes


BEFORE_ALL = Suspended(-1, "", "", b"")


class Unsettled(Protocol):
    """What is found may have been settled since: the command that follows asks again, under the lock."""

    @property
    def index(self) -> WorkspaceIndex:
        """Whom a fact about billing modes concerns."""
        ...

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        """Keys above ``after``, in order, of items that wait for this reason."""
        ...

    def suspended(self, wanted: Wanted, after: Suspended, limit: int) -> list[Suspended]:
        """Lines above ``after``, in order, that are wanted."""
        ...

    def names_of(self, model: str) -> AbstractSet[str]:
        """Every name under which usage of the model may wait: itself, and what was ever mapped to it (P4)."""
        ...

    def wait_for_decisions(self) -> None:
        """Returns when every decision that began before this call is there to be found."""
        ...
