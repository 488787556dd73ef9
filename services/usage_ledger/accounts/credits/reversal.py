"""What giving back a charge does (C12): its allocation is walked backwards, as if it had never been drawn.

Pure arithmetic over the account as it stands; a correction downwards and a dispute that was won both use it. A lot that
expired meanwhile gets its part like any other: that it expires again at once is what follows from the event (C7, L5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.chart_of_accounts import CREDITS, INTERNAL_USAGE, OVERDRAFT, UNBILLED
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalLine


class Reversal(msgspec.Struct, frozen=True):
    """Where what is given back goes. Amounts in nano-units; ``lines`` are the credit side of its entry.

    ``restored`` returns to the lots it was drawn from, ``lot`` is the ``adjustment`` lot that a part becomes whose debt
    was settled meanwhile (None when there is no such part), ``unbilled`` returns to 1200.
    """

    debt_settled: int
    restored: tuple[LotAmount, ...]
    lot: str | None
    lot_amount: int
    unbilled: int
    lines: tuple[JournalLine, ...]
    balance_after: int


def reverse(account: Account, parts: Sequence[LotAmount], amount: int) -> Reversal:
    """What giving back ``amount`` (nano-units) of a charge does that drew ``parts``, in the order it drew them (C12).

    Each part settles outstanding overdraft first. A platform's own account has no parts: its expense returns (A1).
    Raises ``ValueError`` for more than the parts hold, which no rule allows to ask for.
    """
    if not account.holds_credits:
        expense = (JournalLine(INTERNAL_USAGE, "credit", amount),) if amount else ()
        return Reversal(0, (), None, 0, 0, expense, account.balance)
    outstanding, unbilled, freed = account.overdraft, 0, 0
    by_lot: dict[str, int] = {}
    for part in walk_back(parts, amount):
        if part.lot is None and account.funding == "invoiced":
            unbilled += part.amount
            continue
        settled = min(part.amount, outstanding)
        outstanding -= settled
        if part.lot is None:
            freed += part.amount - settled
        elif part.amount > settled:
            by_lot[part.lot] = by_lot.get(part.lot, 0) + part.amount - settled
    restored = tuple(LotAmount(lot, returned) for lot, returned in by_lot.items())
    return _reversal(account, account.overdraft - outstanding, restored, freed, unbilled)


def walk_back(parts: Sequence[LotAmount], amount: int) -> Iterator[LotAmount]:
    """The last ``amount`` nano-units of the parts, the last part first. Raises ``ValueError`` if they hold less."""
    missing = amount
    for part in reversed(parts):
        if not missing:
            return
        taken = min(part.amount, missing)
        missing -= taken
        yield LotAmount(part.lot, taken)
    if missing:
        raise ValueError(f"{missing} nano-units more were to be given back than were taken")


def without_last(parts: Sequence[LotAmount], amount: int) -> tuple[LotAmount, ...]:
    """What is left of the parts once their last ``amount`` nano-units were given back: the next reversal's parts."""
    kept = sum(part.amount for part in parts) - amount
    left: list[LotAmount] = []
    for part in parts:
        taken = min(part.amount, kept)
        if taken <= 0:
            break
        kept -= taken
        left.append(LotAmount(part.lot, taken))
    return tuple(left)


def _reversal(
    account: Account, debt_settled: int, restored: tuple[LotAmount, ...], freed: int, unbilled: int
) -> Reversal:
    lot = f"lot-{account.version + 1}" if freed else None
    lines = (
        JournalLine(OVERDRAFT, "credit", debt_settled),
        *(JournalLine(CREDITS, "credit", part.amount, part.lot) for part in restored),
        JournalLine(CREDITS, "credit", freed, lot),
        JournalLine(UNBILLED, "credit", unbilled),
    )
    return Reversal(
        debt_settled=debt_settled,
        restored=restored,
        lot=lot,
        lot_amount=freed,
        unbilled=unbilled,
        lines=tuple(line for line in lines if line.amount),
        balance_after=account.balance + debt_settled + freed + sum(part.amount for part in restored),
    )
