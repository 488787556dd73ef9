"""A payer's ledger: its lots, its balances by code, what a charge or an incoming credit would do, and what events did.

Asking (``charge``, ``incoming``, ``entry``) may refuse and changes nothing; ``apply`` only assigns and cannot fail.
What each event does to this state stands in ``applying.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from usage_ledger.accounts.applying import APPLIERS
from usage_ledger.accounts.bill_to.authority import BillTo
from usage_ledger.accounts.burn_down import Lot, allocate
from usage_ledger.accounts.chart_of_accounts import CREDITS, INTERNAL_USAGE, OVERDRAFT, UNBILLED
from usage_ledger.accounts.credits.credit_record import CreditRecord
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import Allocation, Funding, OwnerKind, Tier
from usage_ledger.accounts.holds.open_holds import OpenHolds
from usage_ledger.accounts.journal import JournalEntry, JournalLine, debit_minus_credit, journal_entry
from usage_ledger.accounts.limits.state import Limits
from usage_ledger.accounts.lot_book import LotBook
from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
from usage_ledger.money import check_range
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import END


class Charge(msgspec.Struct, frozen=True):
    """What a charge takes: ranges of lines by lot, the debit side of its entry, and the balance it would leave."""

    allocations: tuple[Allocation, ...]
    debit_lines: tuple[JournalLine, ...]
    balance_after: int


class IncomingCredit(msgspec.Struct, frozen=True):
    """What credit coming in does: debt first, the rest is a lot (C5). ``lot`` is None when nothing is left over."""

    debt_settled: int
    lot: str | None
    lot_amount: int
    credit_lines: tuple[JournalLine, ...]


class Account(msgspec.Struct):
    """The state of one account stream. All amounts are nano-units of ``currency`` (M1, M7)."""

    version: int = 0
    account_id: str = ""
    owner_kind: OwnerKind = "personal"
    tier: Tier | None = None
    funding: Funding = "prepaid"
    currency: str = ""
    zone: str = "UTC"
    overdraft_limit: int = 0
    credit_limit: int | None = None
    members: tuple[str, ...] | None = None
    workspaces: tuple[str, ...] | None = None
    """Whom its usage may be attributed to; None means anybody (U14)."""
    closed: bool = False
    """For good (A3)."""
    suspended_for: list[str] = []
    """Why it is suspended, sorted; an account is while there is a reason (A3)."""
    lot_book: LotBook = msgspec.field(default_factory=LotBook)
    credit_record: CreditRecord = msgspec.field(default_factory=CreditRecord)
    code_balances: dict[int, int] = {}
    """Debits minus credits of every code that ever moved."""
    limits: Limits = msgspec.field(default_factory=Limits)
    period_quantities: dict[str, int] = {}
    """How much of a bucket was used in a month, where a price asks for it (P5); by ``period_key``."""
    holds: OpenHolds = msgspec.field(default_factory=OpenHolds)
    rate_limits: dict[str, RateLimit] = {}
    """By capability (L7)."""
    bill_to: BillTo = msgspec.field(default_factory=BillTo)
    """For whom it pays (U15)."""

    @property
    def lots(self) -> list[Lot]:
        """Those with something left, in burn-down order (C3)."""
        return self.lot_book.open

    @property
    def drained(self) -> dict[str, Lot]:
        """Those without, by id."""
        return self.lot_book.drained

    @property
    def overdraft(self) -> int:
        return self.code_balances.get(OVERDRAFT, 0)

    @property
    def unbilled(self) -> int:
        return self.code_balances.get(UNBILLED, 0)

    @property
    def balance(self) -> int:
        """Lot remainders minus overdraft (C2); the remainders are the balance of 2000."""
        return -self.code_balances.get(CREDITS, 0) - self.overdraft

    @property
    def held(self) -> int:
        """What open holds reserve (C2)."""
        return self.holds.held

    @property
    def available(self) -> int:
        return self.balance - self.held

    @property
    def next_due(self) -> int:
        """When something happens to the account by itself, microseconds UTC; ``END`` if nothing will (C6)."""
        return min(self._credit_due, self._topup_due)

    @property
    def _credit_due(self) -> int:
        """While open holds need all credit, none of it expires, but it rolls over (C7, C10)."""
        lots = self.lot_book
        first = min(self.holds.next_expiry, self.credit_record.next_grant)
        if not lots.turns:
            return first
        return min(first, lots.next_expiry if self.available > 0 else lots.next_rollover)

    @property
    def _topup_due(self) -> int:
        """When the lease of the one in flight lapses, or else the next is triggered by a schedule (L6)."""
        topup = self.limits.topup
        if topup is None:
            return END
        if topup.in_flight is not None:
            return topup.lease_until
        return END if self.closed or self.suspended_for else topup.next_turn(self.zone)

    @property
    def holds_credits(self) -> bool:
        """A platform's own account has a budget instead of credits (A1)."""
        return self.owner_kind != "platform_service"

    @property
    def shortfall_code(self) -> int:
        """Where goes what is charged beyond the lots (A2)."""
        return UNBILLED if self.funding == "invoiced" else OVERDRAFT

    def charge(self, amounts: Sequence[int]) -> Charge:
        """What charging these lines (nano-units, in order, none below zero) takes: lots, then the shortfall (C4, A2).

        A platform's own account has no lots: its usage is an expense of the platform (A1).
        """
        if not self.holds_credits:
            return Charge((), _lines_above_zero(JournalLine(INTERNAL_USAGE, "debit", sum(amounts))), self.balance)
        allocations = allocate(amounts, self.lots)
        by_lot: dict[str | None, int] = {}
        for part in allocations:
            by_lot[part.lot] = by_lot.get(part.lot, 0) + part.amount
        beside_balance = by_lot.get(None, 0) if self.funding == "invoiced" else 0
        balance_after = self.balance - sum(by_lot.values()) + beside_balance
        return Charge(allocations, tuple(self._debit(lot, amount) for lot, amount in by_lot.items()), balance_after)

    def incoming(self, amount: int) -> IncomingCredit:
        """What a credit of ``amount`` above zero does: overdraft is settled first, the rest becomes a lot (C5)."""
        debt_settled = min(amount, self.overdraft)
        lot_amount = amount - debt_settled
        lot = f"lot-{self.version + 1}" if lot_amount else None
        settled = JournalLine(OVERDRAFT, "credit", debt_settled)
        credited = JournalLine(CREDITS, "credit", lot_amount, lot)
        return IncomingCredit(debt_settled, lot, lot_amount, _lines_above_zero(settled, credited))

    def entry(self, entry_type: str, lines: Iterable[JournalLine]) -> JournalEntry:
        """A checked entry that this account's balances can take.

        Raises ``Refusal``: the codes of J2, and ``amount_out_of_range`` where a code's balance would pass 64 bits (M2).
        """
        entry = journal_entry(entry_type, lines)
        after: dict[int, int] = {}
        for line in entry.lines:
            before = after.get(line.code, self.code_balances.get(line.code, 0))
            after[line.code] = before + debit_minus_credit(line)
        for code_balance in after.values():
            # Either sign of it is written down: credits stand on the credit side, and their balance is above zero.
            check_range(abs(code_balance))
        return entry

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        fold = APPLIERS.get(type(payload))
        if fold is not None:
            fold(self, payload, recorded_at)

    def snapshot(self) -> bytes:
        """The whole state as bytes; ``restore`` gives it back exactly."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def restore(cls, state: bytes, version: int) -> Account:
        account = msgspec.msgpack.decode(state, type=cls)
        account.version = version
        return account

    def _debit(self, lot: str | None, amount: int) -> JournalLine:
        if lot is not None:
            return JournalLine(CREDITS, "debit", amount, lot)
        return JournalLine(self.shortfall_code, "debit", amount)

    def add_lot(self, lot: Lot) -> None:
        self.lot_book.add(lot)

    def draw(self, parts: Sequence[Allocation | LotAmount]) -> None:
        """Take from lots what a charge was allocated to."""
        self.lot_book.draw(parts)

    def refill(self, parts: Iterable[LotAmount]) -> None:
        """Put back into lots what a reversal returns to them (C12)."""
        self.lot_book.refill(parts)

    def post(self, entries: Iterable[JournalEntry]) -> None:
        """Move the balances of codes by what was booked."""
        balances = self.code_balances
        for entry in entries:
            for line in entry.lines:
                balances[line.code] = balances.get(line.code, 0) + debit_minus_credit(line)


def _lines_above_zero(*lines: JournalLine) -> tuple[JournalLine, ...]:
    return tuple(line for line in lines if line.amount)
