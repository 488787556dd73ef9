"""Rows of holds, which follow from their events: where a hold is, and whether it is still open (H4).

Whoever settles or releases a hold names it and nothing else, so it has to be found without its account. The rows are
written in the transaction of the events and can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold, SettleHold
from usage_ledger.accounts.holds.events import HoldExpired, HoldPlaced, HoldReleased, HoldSettled
from usage_ledger.accounts.holds.hold_id import hold_digest
from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.deciding import HoldFound
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, HoldRow, Transaction
from usage_ledger.usage.commands import RecordUsage


class Holds:
    """The holds that a group's commands name: each read once, under the lock, and since then as the group leaves it."""

    def __init__(self, transaction: Transaction, batch: Batch) -> None:
        self._transaction = transaction
        self._batch = batch
        self._stored = transaction.known.holds

    def _read(self, digests: Iterable[bytes]) -> None:
        """One query for all of them that were not read yet; none where there are none."""
        missing = [digest for digest in dict.fromkeys(digests) if digest not in self._stored]
        if missing:
            found = self._transaction.holds(missing)
            self._stored.update({digest: found.get(digest) for digest in missing})

    def find(self, tenant: str, hold_ids: Iterable[str]) -> dict[str, HoldFound]:
        """By id, from the store and from what this transaction is about to write. Unknown ones are left out."""
        ids = {hold_digest(tenant, hold_id): hold_id for hold_id in hold_ids}
        self._read(ids)
        rows = {digest: self._batch.holds_placed.get(digest) or self._stored[digest] for digest in ids}
        closed = self._batch.holds_closed
        return {
            ids[digest]: HoldFound(row.account_id, row.workspace_id, closed.get(digest, row.state), row.position)
            for digest, row in rows.items()
            if row is not None
        }


def digests_named(command: msgspec.Struct, tenant: str) -> list[bytes]:
    """Of the holds that a command is about."""
    match command:
        case RecordUsage():
            ids = [attempt.item.hold_id for attempt in command.attempts]
            return [hold_digest(tenant, hold_id) for hold_id in ids if hold_id is not None]
        case PlaceHold() | SettleHold() | ReleaseHold():
            return [hold_digest(tenant, command.hold_id)]
        case _:
            return []


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
