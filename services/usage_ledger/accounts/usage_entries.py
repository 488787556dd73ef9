"""The journal entries of recorded usage: the charge against revenue, and what waits in suspense (J table, U12)."""

from __future__ import annotations

from collections.abc import Mapping

from usage_ledger.accounts.account import Account, Charge
from usage_ledger.accounts.chart_of_accounts import (
    INTERNAL_RECHARGE,
    OTHER_USAGE_REVENUE,
    SUSPENSE,
    SUSPENSE_COUNTERPART,
    USAGE_REVENUE,
)
from usage_ledger.accounts.journal import JournalEntry, JournalLine


def usage_entries(
    account: Account, charge: Charge, charged_by_capability: Mapping[str, int], suspense: int = 0
) -> tuple[JournalEntry, ...]:
    """The entries of one ``UsageRecorded``; an entry that would be of zero is left out.

    ``charged_by_capability`` sums the charged nano-units by the lines' capability; ``suspense`` is the nano-units of
    reported cost that nobody can be charged for yet. Raises ``Refusal('amount_out_of_range')``.
    """
    opened = JournalLine(SUSPENSE, "debit", suspense), JournalLine(SUSPENSE_COUNTERPART, "credit", suspense)
    return (
        *_charged(account, charge, charged_by_capability),
        *((account.entry("suspense_opened", opened),) if suspense else ()),
    )


def rated_entries(
    account: Account, charge: Charge, charged_by_capability: Mapping[str, int], suspense: int
) -> tuple[JournalEntry, ...]:
    """The entries of one ``SuspendedUsageRated``: the charge is posted, and ``suspense`` (nano-units) is closed (U12).

    Raises ``Refusal('amount_out_of_range')``.
    """
    closed = JournalLine(SUSPENSE_COUNTERPART, "debit", suspense), JournalLine(SUSPENSE, "credit", suspense)
    return (
        *_charged(account, charge, charged_by_capability),
        *((account.entry("suspense_closed", closed),) if suspense else ()),
    )


def _charged(account: Account, charge: Charge, charged_by_capability: Mapping[str, int]) -> list[JournalEntry]:
    if not charge.debit_lines:
        return []
    return [account.entry("usage", (*charge.debit_lines, *revenue_lines(account, charged_by_capability)))]


def revenue_lines(account: Account, charged_by_capability: Mapping[str, int]) -> list[JournalLine]:
    """What usage earned, by capability; an amount below zero is earned no more (U16)."""
    by_code: dict[int, int] = {}
    for capability, amount in charged_by_capability.items():
        code = _revenue_code(account, capability)
        by_code[code] = by_code.get(code, 0) + amount
    return [
        JournalLine(code, "credit" if amount > 0 else "debit", abs(amount))
        for code, amount in by_code.items()
        if amount
    ]


def _revenue_code(account: Account, capability: str) -> int:
    """A platform's own usage is no revenue: its counter-entry is the internal recharge (A1)."""
    if not account.holds_credits:
        return INTERNAL_RECHARGE
    return USAGE_REVENUE.get(capability, OTHER_USAGE_REVENUE)
