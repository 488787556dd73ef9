"""Usage that was taken and is not settled, read back from the events that hold it: waiting items, suspended lines.

Which event holds an attempt decides how it stands, and that is asked under the shard's lock. So an attempt that was
booked, rated or discarded meanwhile is not found here, and nothing is charged twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from usage_ledger.accounts.events import ChargeLine, PayerDecision
from usage_ledger.deciding import Decision, Holder
from usage_ledger.pricing.events import PriceBasis
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt import Attempt, prepare
from usage_ledger.usage.attempt_digests import attempt_key
from usage_ledger.usage.corrections.booked_line import booked_lines
from usage_ledger.usage.events import QuarantinedItem, UsageQuarantined
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.line_detail import line_bytes


class WaitingUsage(NamedTuple):
    """An item as it was received, and what it waits for."""

    attempt: Attempt
    reason: str


class SuspendedLine(NamedTuple):
    """A line without a price, in its event at ``position``, with what that event says of its payer and its model."""

    key: bytes
    position: int
    source: str
    line: ChargeLine
    payer_decision: PayerDecision
    basis: PriceBasis

    @property
    def content(self) -> bytes:
        """Nothing: the attempt was taken, with its content, when it was recorded."""
        return b""

    @property
    def occurred_at(self) -> int:
        return self.line.occurred_at

    @property
    def line_bytes(self) -> int:
        return line_bytes(self.line.attempt_id, self.line.detail) + _MORE_BYTES + len(self.source)


_MORE_BYTES = 128  # of a rated line: what it was before, and a detail where it had none


def waiting_usage(decision: Decision, keys: Iterable[bytes]) -> list[WaitingUsage]:
    """Those of these attempts that wait, in the order in which they were received."""
    kept = decision.quarantined(keys)
    reasons = {key: found.reason for (key, disposition), found in kept.items() if disposition == "waiting"}
    found: list[WaitingUsage] = []
    for holder in _in_order(decision.holders(reasons).values()):
        for key, item in _waiting_items(holder, decision.tenant):
            if key in reasons:
                found.append(WaitingUsage(_as_received(item, decision), reasons[key]))
    return found


def suspended_lines(decision: Decision, account_id: str, keys: Iterable[bytes]) -> list[SuspendedLine]:
    """Those of these attempts that are lines without a price on the account, in the order of their recording.

    An event that holds one of them may show another as it was before a correction: only its own holder counts.
    """
    holders = decision.holders(keys)
    holding = {(key, holder.position) for key, holder in holders.items()}
    return [
        suspended
        for holder in _in_order(holders.values())
        for suspended in _unpriced_lines(holder, decision.tenant, account_id)
        if (suspended.key, suspended.position) in holding
    ]


def _in_order(holders: Iterable[Holder]) -> list[Holder]:
    """Each event once."""
    by_position = {holder.position: holder for holder in holders}
    return [by_position[position] for position in sorted(by_position)]


def _waiting_items(holder: Holder, tenant: str) -> Iterator[tuple[bytes, QuarantinedItem]]:
    if isinstance(holder.payload, UsageQuarantined):
        for item in holder.payload.items:
            if item.disposition == "waiting":
                yield attempt_key(tenant, item.source, item.attempt_id), item


def _as_received(item: QuarantinedItem, decision: Decision) -> Attempt:
    """The source was perhaps its key's, and that key is not the one that decides now."""
    sent = msgspec.json.decode(item.raw, type=UsageItem)
    return prepare(replace(sent, source=item.source), decision.tenant, decision.source)


def _unpriced_lines(holder: Holder, tenant: str, account_id: str) -> Iterator[SuspendedLine]:
    for booked in booked_lines(holder, tenant):
        if booked.account_id == account_id and booked.line.outcome in UNPRICED:
            yield SuspendedLine(
                booked.key, holder.position, booked.source, booked.line, booked.payer_decision, booked.basis
            )
