"""The client's own record: everything it sent, and every answer that it got. Nothing of it comes from the ledger.

The checks hold the ledger against this record. So an answer that contradicts an earlier one is noted here at once, as a
surprise: each surprise is a violation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, NamedTuple

from chaos.world import Purchase, nano

Key = tuple[str, str]
"""Tenant and attempt id: what makes a usage item one and the same."""

DEFINITE = frozenset(("accepted", "duplicate", "quarantined", "conflict", "rejected"))


class Item(NamedTuple):
    """One call to a model. ``charge`` is what the client reckons that it costs, in nano-units.

    Late: its workspace may not be registered when it is sent. Early: its price may not be published.
    """

    tenant: str
    attempt_id: str
    workspace_id: str
    account_id: str
    model: str
    input_tokens: int
    output_tokens: int
    charge: int
    occurred_at: str
    is_late: bool
    is_early: bool = False

    @property
    def key(self) -> Key:
        return self.tenant, self.attempt_id


class Record:
    """Written by every thread of the load."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.items: dict[Key, Item] = {}
        self.acknowledged: dict[Key, str] = {}
        self.purchases: dict[Key, Purchase] = {}
        self.paid: set[Key] = set()
        self.registered: set[tuple[str, str]] = set()
        self.priced: set[str] = set()
        self.judges: tuple[str, str] | None = None
        self.counts = Counter[str]()
        self.surprises: list[str] = []
        self._accepted_by: dict[Key, str] = {}

    def count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.counts[what] += number

    def surprise(self, what: str) -> None:
        with self._lock:
            self.surprises.append(what)

    def sends(self, items: Iterable[Item]) -> None:
        """Noted before the first byte leaves: what is not in the record was never sent."""
        with self._lock:
            self.items.update((item.key, item) for item in items)

    def sends_purchase(self, purchase: Purchase) -> None:
        with self._lock:
            self.purchases[purchase.tenant, purchase.payment_ref] = purchase

    def paid_for(self, purchase: Purchase) -> None:
        with self._lock:
            self.paid.add((purchase.tenant, purchase.payment_ref))

    def registered_workspace(self, tenant: str, workspace_id: str) -> None:
        with self._lock:
            self.registered.add((tenant, workspace_id))

    def published_price(self, model: str) -> None:
        with self._lock:
            self.priced.add(model)

    def judged_by(self, policy: str, registry: str) -> None:
        """Everybody is, by this policy and this version of the registry."""
        with self._lock:
            self.judges = policy, registry

    def charge_of(self, item: Item) -> int:
        """What it costs by now, in nano-units: nothing as long as its model has no price."""
        return 0 if item.is_early and item.model not in self.priced else item.charge

    def must_be_booked(self, item: Item) -> bool:
        """By now: what nobody has registered waits."""
        return not item.is_late or (item.tenant, item.workspace_id) in self.registered

    def answered(self, item: Item, answer: Mapping[str, Any], request_key: str) -> bool:
        """Takes an answer in; whether it was a definite one."""
        status = answer["status"]
        if status not in DEFINITE:
            return False
        with self._lock:
            wrong = self._wrong(item, answer, request_key)
            if wrong:
                self.surprises.append(f"{item.key} under {request_key}: {wrong}; answered {dict(answer)}")
            self.counts[status] += 1
            self.acknowledged.setdefault(item.key, status)
            return True

    @property
    def unanswered(self) -> list[Key]:
        """Sent, and nobody has said yet what became of it."""
        with self._lock:
            return [key for key in self.items if key not in self.acknowledged]

    def _wrong(self, item: Item, answer: Mapping[str, Any], request_key: str) -> str | None:
        status = answer["status"]
        if status == "accepted":
            if self._accepted_by.setdefault(item.key, request_key) != request_key:
                return f"accepted a second time, first under {self._accepted_by[item.key]}"
            charged = nano(answer["charged"])
            if item.is_early and answer.get("line_status") == "unpriced":
                return None if charged == 0 else f"charged {charged} nano-units without a price"
            return None if charged == item.charge else f"charged {charged} nano-units for {item.charge}"
        if status == "quarantined":
            return None if item.is_late else "its workspace is known"
        return None if status == "duplicate" else "there is nothing wrong with it"
