"""Double entry: lines, entries, and the checks that every entry passes before it may travel in an event (J1-J4).

A line has no account of its own: an entry belongs to the account whose event carries it, so that the line of another
account (``foreign_account_line``) cannot be written down; only a manual entry can ask for one, and is refused.
What this module does not do: keep balances.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from usage_ledger.accounts.chart_of_accounts import (
    CHART_OF_ACCOUNTS,
    CONTROL_ACCOUNTS,
    CONTROL_ACCOUNTS_BY_ENTRY_TYPE,
)
from usage_ledger.money import MAX_NANO, format_amount
from usage_ledger.refusals import Refusal

Side = Literal["debit", "credit"]


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """One side of an entry. ``amount`` is nano-units above zero; ``lot`` names the credit that moved, if any did."""

    code: int
    side: Side
    amount: int
    lot: str | None = None


class JournalEntry(msgspec.Struct, frozen=True):
    """Lines whose debits equal their credits."""

    type: str
    lines: tuple[JournalLine, ...]


def journal_entry(entry_type: str, lines: Iterable[JournalLine]) -> JournalEntry:
    """A checked entry in canonical order: equal lines in any order give the same entry (J3).

    Raises ``Refusal`` with the codes of ``validate_entry``.
    """
    entry = JournalEntry(entry_type, tuple(sorted(lines, key=_canonical)))
    validate_entry(entry)
    return entry


def validate_entry(entry: JournalEntry) -> None:
    """Refuse an entry that J2 forbids; of several reasons the first in this order.

    Raises ``Refusal``: ``entry_too_short``, ``amount_not_positive``, ``unknown_account_code``, ``control_account``,
    ``amount_out_of_range``, ``entry_unbalanced`` (with ``difference``, debits minus credits, as decimal text).
    """
    lines = entry.lines
    require_lines(entry.type, lines)
    if any(line.amount > MAX_NANO for line in lines):
        raise Refusal("amount_out_of_range", "an amount does not fit 64 bits of nano-units")
    if difference := sum(map(debit_minus_credit, lines)):
        raise Refusal("entry_unbalanced", "debits differ from credits", {"difference": format_amount(difference)})


def require_lines(entry_type: str, lines: Sequence[JournalLine]) -> None:
    """The part of J2 that looks at lines one by one, before anybody asks whose they are.

    Raises ``Refusal``: ``entry_too_short``, ``amount_not_positive``, ``unknown_account_code``, ``control_account``.
    """
    if len(lines) < 2:
        raise Refusal("entry_too_short", "an entry needs at least two lines")
    if any(line.amount <= 0 for line in lines):
        raise Refusal("amount_not_positive", "every line has an amount above zero")
    if any(line.code not in CHART_OF_ACCOUNTS for line in lines):
        raise Refusal("unknown_account_code", "a line has a code that the chart of accounts does not know")
    if not _forbidden_codes(entry_type).isdisjoint(line.code for line in lines):
        raise Refusal("control_account", "a control account moves only through its own commands")


def debit_minus_credit(line: JournalLine) -> int:
    """The line's nano-units, a debit above zero and a credit below."""
    return line.amount if line.side == "debit" else -line.amount


def _forbidden_codes(entry_type: str) -> frozenset[int]:
    return CONTROL_ACCOUNTS - CONTROL_ACCOUNTS_BY_ENTRY_TYPE.get(entry_type, frozenset())


def _canonical(line: JournalLine) -> tuple[int, str, str, int]:
    return line.code, line.side, line.lot or "", line.amount
