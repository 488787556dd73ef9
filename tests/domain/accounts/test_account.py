"""Whatever happens to an account, its books balance and its snapshot is the account (J5, J6)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.charged import usage_charged
from domain.accounts.conftest import STREAM
from domain.given import LedgerInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.events import CreditsGranted, PurchaseRecorded, UsageRecorded
from usage_ledger.money import format_amount

CENT = 10_000_000

PURCHASES = st.tuples(st.just("purchase"), st.integers(1, 50))
GRANTS = st.tuples(st.sampled_from(["promo", "admin", "goodwill"]), st.tuples(st.integers(1, 50), st.integers(0, 100)))
CHARGES = st.tuples(st.just("charge"), st.lists(st.integers(0, 20), min_size=1, max_size=5))
MOVEMENTS = st.lists(st.one_of(PURCHASES, GRANTS, CHARGES), max_size=15)
OPENED = st.sampled_from(
    [
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        OpenAccount(account_id="main", owner_kind="org", currency="USD", funding="invoiced"),
    ]
)


def move(ledger: LedgerInMemory, movement: tuple[str, object], number: int) -> None:
    match movement:
        case "purchase", int(cents):
            ledger.decide(RecordPurchase("main", format_amount(cents * CENT), f"card/{number}"))
        case "charge", list(amounts):
            account = ledger.get(Account, STREAM)
            usage = usage_charged(account, *[cents * CENT for cents in amounts])
            ledger.append(STREAM, usage, ledger.now)
            assert account.balance == usage.balance_after
        case str(kind), (int(cents), int(priority)):
            ledger.decide(GrantCredits("main", format_amount(cents * CENT), kind, "gift", priority=priority))
        case _:
            raise AssertionError(movement)


def account_after(opened: OpenAccount, movements: list[tuple[str, object]]) -> tuple[LedgerInMemory, Account]:
    ledger = LedgerInMemory()
    ledger.decide(opened)
    for number, movement in enumerate(movements):
        move(ledger, movement, number)
    return ledger, ledger.get(Account, STREAM)


@given(OPENED, MOVEMENTS)
def test_the_books_balance_and_agree_with_the_lots(opened: OpenAccount, movements: list[tuple[str, object]]) -> None:
    _, account = account_after(opened, movements)
    assert sum(account.code_balances.values()) == 0
    assert -account.code_balances.get(2000, 0) == sum(lot.remaining for lot in account.lots)
    assert all(0 < lot.remaining <= lot.amount for lot in account.lots)
    assert not (account.lots and account.overdraft)
    assert account.overdraft >= 0


@given(OPENED, MOVEMENTS)
def test_credit_neither_appears_nor_vanishes(opened: OpenAccount, movements: list[tuple[str, object]]) -> None:
    ledger, account = account_after(opened, movements)
    recorded = [payload for payload, _ in ledger.streams[STREAM]]
    came_in = sum(event.amount for event in recorded if isinstance(event, PurchaseRecorded | CreditsGranted))
    charged = sum(event.charged for event in recorded if isinstance(event, UsageRecorded))
    assert account.balance - account.unbilled == came_in - charged


@given(OPENED, MOVEMENTS)
def test_a_snapshot_is_the_account_and_so_is_a_replay(opened: OpenAccount, movements: list[tuple[str, object]]) -> None:
    ledger, account = account_after(opened, movements)
    replayed = Account()
    for payload, recorded_at in ledger.streams[STREAM]:
        replayed.apply(payload, recorded_at)
    assert replayed == account
    assert Account.restore(account.snapshot(), account.version) == account
    assert account.version == len(ledger.streams[STREAM])


@given(OPENED, MOVEMENTS, st.lists(st.integers(0, 20), max_size=5))
def test_asking_changes_nothing(opened: OpenAccount, movements: list[tuple[str, object]], amounts: list[int]) -> None:
    _, account = account_after(opened, movements)
    before = account.snapshot()
    account.charge(amounts)
    account.incoming(1)
    assert account.snapshot() == before
