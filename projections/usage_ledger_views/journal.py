"""What journal entries do to an account's figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

UNBILLED = 1200
OVERDRAFT = 1300
CREDITS = 2000


class Movement(NamedTuple):
    """Signed changes in nano-units: of the balance (C2), of what is owed on 1300, of what is unbilled on 1200."""

    effect: int
    overdraft: int
    unbilled: int


def movement(entries: Iterable[dict[str, Any]]) -> Movement:
    """The balance is the lots' remainders (2000) minus overdraft (1300), so both codes move it."""
    credit = overdraft = unbilled = 0
    for entry in entries:
        for line in entry["lines"]:
            debit = line["amount"] if line["side"] == "debit" else -line["amount"]
            code = line["code"]
            if code == CREDITS:
                credit -= debit
            elif code == OVERDRAFT:
                overdraft += debit
            elif code == UNBILLED:
                unbilled += debit
    return Movement(credit - overdraft, overdraft, unbilled)


def lots_drawn(entries: Iterable[dict[str, Any]]) -> Iterable[tuple[str, int]]:
    """Lot and amount (nano-units) that credit gave; below zero where it came back to the lot."""
    for entry in entries:
        for line in entry["lines"]:
            if line["lot"] is not None and line["code"] == CREDITS:
                yield line["lot"], line["amount"] if line["side"] == "debit" else -line["amount"]
