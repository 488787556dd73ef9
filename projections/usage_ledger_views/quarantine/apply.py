"""An item is kept raw, may go on waiting for another reason, and leaves by being booked or discarded (U5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from usage_ledger_views.event import Event


class ItemName(NamedTuple):
    """Whose attempt it is, its id, and ``waiting`` or ``rejected``: an id that was rejected may wait later on (U4)."""

    tenant: str
    source: str
    attempt_id: str
    disposition: str


class KeptItem(NamedTuple):
    """The columns of ``views.quarantine`` after its key, in the table's order."""

    workspace_id: str
    reason: str
    amount_at_risk: int | None
    currency: str | None
    occurred_at: int
    raw: bytes
    since: int
    position: int
    place: int


class QuarantineChanges(msgspec.Struct):
    """``gone`` is taken away before anything is put. ``reasons`` are of items that were there before the batch."""

    gone: set[ItemName] = set()
    kept: dict[ItemName, KeptItem] = {}
    reasons: dict[ItemName, str] = {}

    def keep(self, name: ItemName, item: KeptItem) -> None:
        """What was sent last counts, from when it came first."""
        first = self.kept.get(name)
        self.kept[name] = item if first is None else item._replace(**_since(first))
        self.reasons.pop(name, None)

    def let_go(self, name: ItemName) -> None:
        self.gone.add(name)
        self.kept.pop(name, None)
        self.reasons.pop(name, None)

    def wait_for(self, name: ItemName, reason: str) -> None:
        kept = self.kept.get(name)
        if kept is None:
            self.reasons[name] = reason
        else:
            self.kept[name] = kept._replace(reason=reason)


def usage_quarantined(changes: QuarantineChanges, event: Event) -> None:
    record = event.record
    for place, item in enumerate(record["items"]):
        name = ItemName(record["tenant"], item["source"], item["attempt_id"], item["disposition"])
        changes.keep(
            name,
            KeptItem(
                workspace_id=item["workspace_id"],
                reason=item["reason"],
                amount_at_risk=item["amount_at_risk"],
                currency=item["currency"],
                occurred_at=item["occurred_at"],
                raw=item["raw"],
                since=record["recorded_at"],
                position=event.position,
                place=place,
            ),
        )


def waiting_usage_judged(changes: QuarantineChanges, event: Event) -> None:
    record = event.record
    for item in record["items"]:
        name = ItemName(record["tenant"], item["source"], item["attempt_id"], "waiting")
        if item["outcome"] == "booked":
            changes.let_go(name)
        else:
            changes.wait_for(name, item["reason"])


def payer_assigned(changes: QuarantineChanges, event: Event) -> None:
    changes.let_go(_decided(event.record, "waiting"))


def quarantined_discarded(changes: QuarantineChanges, event: Event) -> None:
    changes.let_go(_decided(event.record, event.record["disposition"]))


def _decided(record: dict[str, Any], disposition: str) -> ItemName:
    return ItemName(record["tenant"], record["attempt_source"], record["attempt_id"], disposition)


def _since(first: KeptItem) -> dict[str, int]:
    return {"since": first.since, "position": first.position, "place": first.place}


APPLIERS = {
    "UsageQuarantined": usage_quarantined,
    "WaitingUsageJudged": waiting_usage_judged,
    "PayerAssigned": payer_assigned,
    "QuarantinedDiscarded": quarantined_discarded,
}
