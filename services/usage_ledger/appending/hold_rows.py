"""Rows of holds, which follow from their events: where a hold is, and whether it is still open (H4).

Whoever settles or releases a hold names it and nothing else, so it has to be found without its account. The rows are
written in the transaction of the events and can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.accounts.holds.events import HoldExpired, HoldPlaced, HoldReleased, HoldSettled
from usage_ledger.accounts.holds.hold_id import hold_digest
from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.deciding import HoldFound
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, HoldRow, Transaction


def find_holds(transaction: Transaction, batch: Batch, tenant: str, hold_ids: Iterable[str]) -> dict[str, HoldFound]:
    """By id, from the store and from what this transaction is about to write. Unknown ones are left out."""
    ids = {hold_digest(tenant, hold_id): hold_id for hold_id in hold_ids}
    if not ids:
        return {}
    placed_now = {digest: batch.holds_placed[digest] for digest in ids if digest in batch.holds_placed}
    stored = transaction.holds([digest for digest in ids if digest not in placed_now])
    return {
        ids[digest]: HoldFound(
            row.account_id, row.workspace_id, batch.holds_closed.get(digest, row.state), row.position
        )
        for digest, row in {**stored, **placed_now}.items()
    }


def placed_hold(transaction: Transaction, batch: Batch, shard: int, position: int) -> HoldPlaced:
    """The event at the position of a hold's row, stored or about to be. Raises KeyError if it is no such event."""
    pending = (event for event in batch.events if (event.shard, event.position) == (shard, position))
    event = next(pending, None) or transaction.event_at(shard, position)
    payload = decode_payload(event.stored.state) if event else None
    if not isinstance(payload, HoldPlaced):
        raise KeyError(position)
    return payload


def index_hold(batch: Batch, envelope: Envelope, payload: EventPayload, position: int) -> None:
    match payload:
        case HoldPlaced():
            row = _row(envelope.tenant, payload, position)
            batch.holds_placed[row.digest] = row
        case HoldSettled():
            if payload.final:
                batch.holds_closed[hold_digest(envelope.tenant, payload.hold_id)] = "settled"
        case HoldReleased():
            batch.holds_closed[hold_digest(envelope.tenant, payload.hold_id)] = "released"
        case HoldExpired():
            batch.holds_closed[hold_digest(envelope.tenant, payload.hold_id)] = "expired"
        case _:
            pass


def _row(tenant: str, placed: HoldPlaced, position: int) -> HoldRow:
    decision = placed.decision
    used_by = decision.detail.used_by if decision.detail else None
    digest = hold_digest(tenant, placed.hold_id)
    return HoldRow(digest, tenant, placed.account_id, decision.workspace_id, "open", position, used_by)
