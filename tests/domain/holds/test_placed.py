"""What is admitted, and what a hold says (H2, H4, H11)."""

from __future__ import annotations

import pytest

from domain.holds.calls import account_of, happened, hold, last, open_ledger, place, release
from domain.rehearsal import SECOND, answer_of
from usage_ledger.accounts.commands import RecordPurchase
from usage_ledger.accounts.holds.commands import PlaceHold, SettleHold
from usage_ledger.accounts.holds.events import HoldPlaced
from usage_ledger.adapters.memory_store import MemoryTransaction
from usage_ledger.handlers import HANDLERS

NANO = 10**9


@pytest.mark.rule("H4")
def test_a_hold_reserves_and_posts_nothing() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="0.40")
    account = account_of(ledger)
    assert (account.balance, account.held, account.available) == (NANO, 400_000_000, 600_000_000)
    assert "entries" not in last(ledger)


@pytest.mark.rule("H11")
def test_the_answer_says_what_is_held_until_when_and_who_pays_why() -> None:
    ledger = open_ledger("1.00")
    now = ledger.now
    answer = place(ledger, amount="0.40", expires_in_s=60)
    placed = ledger.events("t1/account-acc")[-1]
    assert isinstance(placed, HoldPlaced)
    assert placed.expires_at == now + 60 * SECOND
    assert answer == {
        "hold_id": "h1",
        "account_id": "acc",
        "held": "0.40",
        "available": "0.60",
        "currency": "USD",
        "expires_at": "2026-03-02T12:01:06.000000Z",
        "payer": "acc",
        "payer_reason": "pinned",
        "mode": "platform_managed",
        "mode_source": "derived_default",
        "policy": "P4",
        "registry": None,
        "price_version": None,
    }


@pytest.mark.rule("H4")
def test_a_hold_is_open_for_ten_minutes_unless_it_says_otherwise() -> None:
    ledger = open_ledger()
    now = ledger.now
    place(ledger)
    assert last(ledger)["expires_at"] == now + 600 * SECOND


@pytest.mark.rule("H2")
@pytest.mark.parametrize(
    ("credit", "limit", "amount", "code", "spendable"),
    [
        ("0.05", "0", "0.10", "insufficient_credits", "0.05"),
        ("0.05", "0.05", "0.10", None, None),
        ("0.05", "0.04", "0.10", "insufficient_credits", "0.09"),
        (None, "0", "0.01", "credits_exhausted", "0.00"),
        (None, "0.50", "0.50", None, None),
        (None, "0.50", "0.500000001", "insufficient_credits", "0.50"),
    ],
)
def test_a_hold_is_admitted_up_to_what_is_spendable(
    credit: str | None, limit: str, amount: str, code: str | None, spendable: str | None
) -> None:
    ledger = open_ledger(credit, overdraft_limit=limit)
    outcome = ledger.when(hold(amount=amount))
    assert outcome.code == code
    if code is not None:
        facts = {"balance": credit or "0.00", "spendable": spendable, "required": amount, "currency": "USD"}
        assert outcome.facts == facts
        assert "HoldPlaced" not in happened(ledger)


@pytest.mark.rule("H2")
@pytest.mark.parametrize(("limit", "codes"), [(None, [None, None]), ("3.00", [None, "insufficient_credits"])])
def test_an_invoiced_account_is_held_up_to_its_credit_limit_or_without_end(
    limit: str | None, codes: list[str | None]
) -> None:
    ledger = open_ledger(None, funding="invoiced", credit_limit=limit)
    assert [ledger.when(hold(f"h{n}", "2.00")).code for n in range(2)] == codes


@pytest.mark.rule("A1")
def test_a_platform_service_account_is_never_refused_for_lack_of_credit() -> None:
    ledger = open_ledger(None, owner_kind="platform_service", tier="demo")
    assert place(ledger, amount="1000.00")["held"] == "1000.00"


@pytest.mark.rule("H8")
@pytest.mark.rule("H9")
def test_ten_holds_of_one_append_never_overspend() -> None:
    ledger = open_ledger("1.00")
    codes = [outcome.code for outcome in ledger.together(*[hold(f"h{n}", "0.15") for n in range(10)])]
    assert (codes.count(None), codes.count("insufficient_credits")) == (6, 4)
    assert account_of(ledger).held == 900_000_000


@pytest.mark.rule("U2")
def test_a_refusal_stays_the_answer_to_its_command_when_money_has_come() -> None:
    ledger = open_ledger(None)
    asked = ledger.submission(hold())
    (refused,) = ledger.append(asked)
    ledger.given(RecordPurchase("acc", "5.00", "card/later"))
    (again,) = ledger.append(asked)
    assert (again.code, again.replayed) == (refused.code, True) == ("credits_exhausted", True)
    assert ledger.when(hold("h2")).outcome == "accepted"


@pytest.mark.rule("H4")
def test_an_id_is_used_once_even_when_its_hold_is_closed() -> None:
    ledger = open_ledger()
    place(ledger)
    assert ledger.when(hold()).code == "hold_exists"
    release(ledger)
    assert ledger.when(hold()).code == "hold_exists"
    assert ledger.when(hold(), tenant="t2").code == "account_not_found"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"account_id": "nobody"}, "account_not_found"),
        ({"workspace_id": "nobody"}, "workspace_not_found"),
        ({"amount": "0"}, "amount_not_positive"),
        ({"amount": "-1.00"}, "amount_not_positive"),
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"run_id": "r1"}, "run_not_decided"),
    ],
)
def test_a_hold_that_nobody_can_place_is_refused(fields: dict[str, str], code: str) -> None:
    ledger = open_ledger()
    assert ledger.when(hold(**fields)).code == code
    assert "HoldPlaced" not in happened(ledger)


def test_what_is_held_stays_within_64_bits() -> None:
    ledger = open_ledger(None, funding="invoiced")
    place(ledger, amount="9000000000.00")
    assert ledger.when(hold("h2", "9000000000.00")).code == "amount_out_of_range"


@pytest.mark.rule("H10")
def test_no_command_asks_whether_a_call_could_be_made_without_holding_for_it() -> None:
    """Whoever asked and then called would race everybody else: that is what a hold is for."""
    about_calls = {kind.__name__ for kind in HANDLERS if kind.__module__ == PlaceHold.__module__}
    assert about_calls == {"PlaceHold", "SettleHold", "ReleaseHold"}


def test_an_answer_is_that_of_the_hold_not_of_what_came_after() -> None:
    ledger = open_ledger("1.00")
    first, second = ledger.together(hold("h1", "0.30"), hold("h2", "0.30"))
    assert [answer_of(outcome)["available"] for outcome in (first, second)] == ["0.70", "0.40"]


def test_the_holds_of_an_append_are_looked_up_in_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find = MemoryTransaction.holds
    monkeypatch.setattr(
        MemoryTransaction, "holds", lambda self, digests: asked.append(len(digests)) or find(self, digests)
    )
    ledger = open_ledger("1.00")
    asked.clear()
    ledger.together(*[hold(f"h{n}", "0.01") for n in range(20)])
    ledger.together(*[SettleHold(f"h{n}", amount="0.01") for n in range(20)])
    assert asked == [20, 20]
