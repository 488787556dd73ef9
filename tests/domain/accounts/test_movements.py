"""Whatever moves the credit of two accounts, in any order: the books hold after every single event (J5, J6).

The model beside the ledger is deliberately simple: it adds up journal lines by code and by lot, and knows no rule.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.accounts.charged import usage_charged
from domain.given import DAY, NOON, Happened, LedgerInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.journal import debit_minus_credit, validate_entry
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.money import format_amount
from usage_ledger.recorded_event import EventPayload

pytestmark = [pytest.mark.rule("J5"), pytest.mark.rule("J6")]

ACCOUNTS = ("main", "other")
CENT = 10_000_000
Movement = tuple[str, int, int, int]
"""What is done, to which of the accounts, with how many cents, and a number that the doing may use."""

NAMES = ("purchase", "grant", "expiring", "charge", "fee", "capped", "refund", "dispute", "won", "lost")
NAMES += ("transfer", "up", "down", "write_off", "day")
MOVEMENTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 1), st.integers(1, 40), st.integers(0, 5)), max_size=25
)
FUNDING = st.sampled_from(["prepaid", "invoiced"])


class Books:
    """Lines added up, by code and by lot; nothing else."""

    def __init__(self) -> None:
        self.codes: Counter[int] = Counter()
        self.lots: Counter[str] = Counter()

    def take(self, payload: Any) -> None:
        for entry in getattr(payload, "entries", ()):
            for line in entry.lines:
                self.codes[line.code] += debit_minus_credit(line)
                if line.code == 2000:
                    self.lots[line.lot] -= debit_minus_credit(line)


class CheckedLedger(LedgerInMemory):
    """Looks at the account after every event."""

    def __init__(self) -> None:
        super().__init__()
        self.books: dict[str, Books] = {}

    def append(self, stream_id: str, payload: EventPayload, recorded_at: int) -> int:
        position = super().append(stream_id, payload, recorded_at)
        if "/account-" in stream_id:
            books = self.books.setdefault(stream_id, Books())
            books.take(payload)
            check_event(payload)
            check_account(self.get(Account, stream_id), books, payload)
        return position


def check_event(payload: Any) -> None:
    for entry in getattr(payload, "entries", ()):
        validate_entry(entry)
    moved = sum(
        line.amount for entry in getattr(payload, "entries", ()) for line in entry.lines if line.side == "debit"
    )
    stated = getattr(payload, "charged", getattr(payload, "amount", None))
    if stated is not None:
        assert moved == abs(stated), "the event's amount is its entry's"


def check_account(account: Account, books: Books, payload: Any) -> None:
    assert sum(books.codes.values()) == 0
    assert {lot.lot: lot.remaining for lot in account.lots} == +books.lots
    assert min(books.lots.values(), default=0) >= 0
    assert account.overdraft == books.codes[1300] >= 0
    assert account.unbilled == books.codes[1200]
    assert not (account.lots and account.overdraft)
    assert account.balance == sum(books.lots.values()) - books.codes[1300]
    if getattr(payload, "balance_after", None) is not None:
        assert (payload.balance_after, payload.held_after) == (account.balance, account.held)
    for purchase in account.credit_record.purchases.values():
        assert min(purchase.refunded, purchase.disputed, purchase.refundable) >= 0


def do(ledger: CheckedLedger, movement: Movement, step: int) -> Happened | None:
    """Does it, however it ends; what is refused by rule moves nothing."""
    name, which, cents, number = movement
    account_id, amount = ACCOUNTS[which], format_amount(cents * CENT)
    payment = f"card/{account_id}/{number % 2}"
    match name:
        case "charge":
            stream = f"acme/account-{account_id}"
            ledger.append(stream, usage_charged(ledger.get(Account, stream), cents * CENT, number), ledger.now)
            return None
        case "day":
            ledger.now += DAY
            return ledger.decide(AdjustBalance(account_id, "0.01", "so that what is due is done", "op"))
        case _:
            return ledger.decide(command(name, account_id, amount, payment, number, step))


def command(name: str, account_id: str, amount: str, payment: str, number: int, step: int) -> msgspec.Struct:
    other = ACCOUNTS[account_id == ACCOUNTS[0]]
    commands: dict[str, msgspec.Struct] = {
        "purchase": RecordPurchase(account_id, amount, f"card/{step}"),
        "grant": GrantCredits(account_id, amount, "promo", "gift", priority=10 * number),
        "expiring": GrantCredits(account_id, amount, "promo", "gift", expires_at=NOON + number * DAY + 1),
        "fee": ChargeFee(account_id, "other", f"p{step}", amount),
        "capped": ChargeFee(account_id, "storage", f"p{step}", amount, capped=True, suspend_if_short=True),
        "refund": RefundPurchase(account_id, payment, f"r{step}", amount, "asked"),
        "dispute": OpenDispute(account_id, f"d{number % 2}", payment),
        "won": CloseDispute(f"d{number % 2}", "won"),
        "lost": CloseDispute(f"d{number % 2}", "lost"),
        "transfer": TransferCredits(f"t{step}", other, amount, account_id),
        "up": AdjustBalance(account_id, amount, "test", "op"),
        "down": AdjustBalance(account_id, f"-{amount}", "test", "op"),
        "write_off": WriteOffOverdraft(account_id, amount, "test", "op"),
    }
    return commands[name]


def ledger_after(funding: str, movements: list[Movement]) -> CheckedLedger:
    ledger = CheckedLedger()
    for account_id in ACCOUNTS:
        ledger.decide(OpenAccount(account_id, "org", "USD", funding=funding, overdraft_limit="0.10"))
        for number in range(2):
            ledger.decide(RecordPurchase(account_id, "0.20", f"card/{account_id}/{number}"))
    for step, movement in enumerate(movements):
        do(ledger, movement, step)
    return ledger


@settings(max_examples=150)
@for_all(FUNDING, MOVEMENTS)
def test_the_books_hold_after_every_event_and_clearing_ends_at_zero(funding: str, movements: list[Movement]) -> None:
    ledger = ledger_after(funding, movements)
    assert sum(books.codes[2950] for books in ledger.books.values()) == 0
    for account_id in ACCOUNTS:
        account = ledger.get(Account, f"acme/account-{account_id}")
        disputed = sum(dispute.amount for dispute in account.credit_record.disputes.values())
        assert -account.code_balances.get(1010, 0) == disputed


@pytest.mark.rule("C11")
@for_all(FUNDING, MOVEMENTS)
def test_no_more_cash_goes_back_than_purchases_brought(funding: str, movements: list[Movement]) -> None:
    ledger = ledger_after(funding, movements)
    for books in ledger.books.values():
        assert books.codes[1000] + books.codes[1010] >= 0


@pytest.mark.rule("C12")
@for_all(FUNDING, MOVEMENTS, st.integers(1, 40), st.integers(0, 40))
def test_a_dispute_that_is_won_at_once_walks_back_exactly(
    funding: str, movements: list[Movement], bought: int, used: int
) -> None:
    ledger = ledger_after(funding, movements)
    stream = "acme/account-main"
    ledger.decide(RecordPurchase("main", format_amount(bought * CENT), "card/last"))
    account = ledger.get(Account, stream)
    ledger.append(stream, usage_charged(account, used * CENT), ledger.now)
    before = {lot.lot: lot.remaining for lot in account.lots}, account.overdraft, account.unbilled
    assert ledger.decide(OpenDispute("main", "last", "card/last")).outcome == "accepted"
    assert ledger.decide(CloseDispute("last", "won")).outcome == "accepted"
    assert ({lot.lot: lot.remaining for lot in account.lots}, account.overdraft, account.unbilled) == before


@for_all(FUNDING, MOVEMENTS)
def test_replay_gives_the_same_account(funding: str, movements: list[Movement]) -> None:
    ledger = ledger_after(funding, movements)
    for account_id in ACCOUNTS:
        stream = f"acme/account-{account_id}"
        replayed = Account()
        for payload, recorded_at in ledger.streams[stream]:
            replayed.apply(payload, recorded_at)
        assert replayed.snapshot() == ledger.get(Account, stream).snapshot()
