"""What corrected lines move on their account: what is charged less walks back, what is charged more is drawn (U16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.chart_of_accounts import SUSPENSE, SUSPENSE_COUNTERPART
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.credits.reversal import reverse, walk_back, without_last
from usage_ledger.accounts.drawn_parts import parts_by_line
from usage_ledger.accounts.journal import JournalEntry, JournalLine
from usage_ledger.accounts.usage_entries import revenue_lines
from usage_ledger.usage.corrections.rating import CorrectedLine


class Balanced(NamedTuple):
    """The money of one ``UsageCorrected``; ``parts`` is what each line draws from now on."""

    parts: list[tuple[LotAmount, ...]]
    drawn: tuple[LotAmount, ...]
    restored: tuple[LotAmount, ...]
    debt_settled: int
    lot: str | None
    lot_amount: int
    entries: tuple[JournalEntry, ...]
    balance_after: int | None


def unbalanced(corrected: Sequence[CorrectedLine]) -> Balanced:
    """Metered usage moves no money."""
    return Balanced([()] * len(corrected), (), (), 0, None, 0, (), None)


def give_back(account: Account, corrected: Sequence[CorrectedLine]) -> Balanced:
    """Lines that charge less, or as much as before: their allocations are walked backwards (C12)."""
    returned = [part for each in corrected for part in _returned(each)]
    reversal = reverse(account, returned, -_delta(corrected))
    return Balanced(
        parts=[without_last(each.booked.parts, -each.delta) for each in corrected],
        drawn=(),
        restored=reversal.restored,
        debt_settled=reversal.debt_settled,
        lot=reversal.lot,
        lot_amount=reversal.lot_amount,
        entries=_entries(account, reversal.lines, corrected),
        balance_after=reversal.balance_after,
    )


def charge_more(account: Account, corrected: Sequence[CorrectedLine]) -> Balanced:
    """Lines that charge more: the difference is a charge like any other (C4)."""
    deltas = [each.delta for each in corrected]
    charge = account.charge(deltas)
    added = parts_by_line(deltas, charge.allocations)
    return Balanced(
        parts=[(*each.booked.parts, *parts) for each, parts in zip(corrected, added, strict=True)],
        drawn=tuple(LotAmount(part.lot, part.amount) for part in charge.allocations),
        restored=(),
        debt_settled=0,
        lot=None,
        lot_amount=0,
        entries=_entries(account, charge.debit_lines, corrected),
        balance_after=charge.balance_after,
    )


def _returned(corrected: CorrectedLine) -> list[LotAmount]:
    """The last parts of the line, in the order in which it drew them; a platform's own account has none."""
    parts = corrected.booked.parts
    return list(walk_back(parts, -corrected.delta))[::-1] if parts else []


def _delta(corrected: Sequence[CorrectedLine]) -> int:
    return sum(each.delta for each in corrected)


def _entries(
    account: Account, moved: tuple[JournalLine, ...], corrected: Sequence[CorrectedLine]
) -> tuple[JournalEntry, ...]:
    """The compensating entry, and what closes or opens suspense; an entry that would be of zero is left out."""
    by_capability: dict[str, int] = {}
    for each in corrected:
        capability = each.booked.payer_decision.capability
        by_capability[capability] = by_capability.get(capability, 0) + each.delta
    revenue = revenue_lines(account, by_capability)
    suspense = _suspense(sum(each.suspense_delta for each in corrected))
    return (
        *((account.entry("correction", (*moved, *revenue)),) if moved else ()),
        *((account.entry(suspense[0], suspense[1]),) if suspense else ()),
    )


def _suspense(delta: int) -> tuple[str, tuple[JournalLine, JournalLine]] | None:
    """Nano-units that wait in suspense more, or below zero less (U12)."""
    if not delta:
        return None
    debit, credit = (SUSPENSE, SUSPENSE_COUNTERPART) if delta > 0 else (SUSPENSE_COUNTERPART, SUSPENSE)
    lines = JournalLine(debit, "debit", abs(delta)), JournalLine(credit, "credit", abs(delta))
    return "suspense_opened" if delta > 0 else "suspense_closed", lines
