"""Auto top-up: one slot with a lease, failures in a row, a cap a month, one effect a payment (L6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.limits.spending import DAY, NOON, USD, Spending
from domain.rehearsal import SECOND, answer_of
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import PurchaseRecorded
from usage_ledger.accounts.limits.commands import CompleteTopup, ConfigureAutoTopup, FailTopup
from usage_ledger.accounts.limits.events import (
    AutoTopupCompleted,
    AutoTopupFailed,
    AutoTopupLeaseExpired,
    AutoTopupTriggered,
)
from usage_ledger.submission import Outcome

LEASE = 900 * SECOND
FIRST, SECOND_ID, THIRD = "topup/acc/1", "topup/acc/2", "topup/acc/3"


@pytest.fixture
def low() -> Spending:
    """An account with 11 USD, to be topped up by 5 USD below 10."""
    spending = Spending(credit="1.00")
    configure(spending)
    return spending


def configure(spending: Spending, **fields: Any) -> None:
    terms = {"threshold": "10.00", "amount": "5.00"} | fields
    spending.ledger.given(ConfigureAutoTopup("acc", **terms))


def complete(spending: Spending, topup_id: str, payment_ref: str | None = None) -> Outcome:
    return spending.ledger.when(CompleteTopup("acc", topup_id, payment_ref))


def fail(spending: Spending, topup_id: str) -> Outcome:
    return spending.ledger.when(FailTopup("acc", topup_id, "card_declined"))


def triggered(spending: Spending) -> list[str]:
    return [event.topup_id for event in spending.recorded(AutoTopupTriggered)]


@pytest.mark.rule("L6")
def test_a_fall_below_the_threshold_triggers_once(low: Spending) -> None:
    low.spend(1)
    assert triggered(low) == []
    at = low.ledger.now
    low.spend(0.01)
    low.spend(0.01)
    assert low.recorded(AutoTopupTriggered) == [
        AutoTopupTriggered(
            account_id="acc",
            currency="USD",
            topup_id=FIRST,
            amount=5 * USD,
            trigger="balance",
            balance=9_990_000_000,
            threshold=10 * USD,
            lease_until=at + LEASE,
        )
    ]


@pytest.mark.rule("L6")
def test_configuring_below_the_threshold_triggers_nothing_until_the_balance_falls(low: Spending) -> None:
    configure(low, threshold="50.00")
    assert triggered(low) == []
    low.ledger.given(RecordPurchase("acc", "1.00", "card/by-hand"))
    assert triggered(low) == []
    low.spend(0.01)
    assert triggered(low) == [FIRST]


@pytest.mark.rule("L6")
def test_success_brings_credit_and_frees_the_slot(low: Spending) -> None:
    low.spend(2)
    outcome = complete(low, FIRST, "stripe/pi_1")
    assert answer_of(outcome)["posted"] == "14.00"
    purchase = low.recorded(PurchaseRecorded)[-1]
    assert (purchase.amount, purchase.payment_ref, purchase.topup_id) == (5 * USD, "stripe/pi_1", FIRST)
    low.spend(5)
    assert triggered(low) == [FIRST, SECOND_ID]


@pytest.mark.rule("L6")
def test_the_third_failure_in_a_row_disables(low: Spending) -> None:
    for topup_id in (FIRST, SECOND_ID, THIRD):
        low.spend(2)
        assert triggered(low)[-1] == topup_id
        fail(low, topup_id)
    low.spend(0.01)
    assert [event.consecutive for event in low.recorded(AutoTopupFailed)] == [1, 2, 3]
    assert low.types().count("AutoTopupDisabled") == 1
    assert triggered(low) == [FIRST, SECOND_ID, THIRD]
    configure(low)
    low.spend(0.01)
    assert triggered(low)[-1] == "topup/acc/4"


@pytest.mark.rule("L6")
def test_success_begins_the_failures_at_none_again(low: Spending) -> None:
    for topup_id in (FIRST, SECOND_ID):
        low.spend(2)
        fail(low, topup_id)
    low.spend(2)
    complete(low, THIRD)
    low.spend(6)
    fail(low, "topup/acc/4")
    assert low.recorded(AutoTopupFailed)[-1].consecutive == 1
    assert "AutoTopupDisabled" not in low.types()


@pytest.mark.rule("L6")
@pytest.mark.rule("C6")
def test_a_lapsed_lease_frees_the_slot_and_the_next_trigger_reuses_the_id(low: Spending) -> None:
    low.spend(2)
    due = low.recorded(AutoTopupTriggered)[0].lease_until
    low.ledger.clock.instant = due + SECOND
    low.spend(0.01)
    assert low.types()[-3:] == ["AutoTopupLeaseExpired", "UsageRecorded", "AutoTopupTriggered"]
    assert triggered(low) == [FIRST, FIRST]
    (lapse,) = [each for each in low.ledger.recorded("t1/account-acc") if isinstance(each[1], AutoTopupLeaseExpired)]
    assert (lapse[0].occurred_at, lapse[0].command_id) == (due, f"topup-lease/{FIRST}/{due}")
    assert (lapse[0].source, lapse[0].actor.kind) == ("clock", "system")


@pytest.mark.rule("L6")
def test_a_top_up_that_is_named_again_charges_what_it_did_before(low: Spending) -> None:
    low.spend(2)
    low.ledger.wait(LEASE)
    configure(low, amount="50.00")
    low.spend(0.01)
    assert [(event.topup_id, event.amount) for event in low.recorded(AutoTopupTriggered)] == [
        (FIRST, 5 * USD),
        (FIRST, 5 * USD),
    ]


@pytest.mark.rule("L6")
def test_success_after_the_lease_lapsed_counts_and_the_next_one_is_another(low: Spending) -> None:
    low.spend(2)
    low.ledger.wait(LEASE)
    assert complete(low, FIRST).outcome == "accepted"
    assert low.account().balance == 14 * USD
    low.spend(5)
    assert triggered(low) == [FIRST, SECOND_ID]


@pytest.mark.rule("C8")
def test_success_after_a_failure_counts(low: Spending) -> None:
    low.spend(2)
    fail(low, FIRST)
    assert complete(low, FIRST).outcome == "accepted"
    assert low.account().balance == 14 * USD
    assert complete(low, FIRST).outcome == "duplicate"


@pytest.mark.rule("C8")
def test_a_failure_reported_after_success_changes_nothing(low: Spending) -> None:
    low.spend(2)
    complete(low, FIRST)
    before = len(low.types())
    refused = fail(low, FIRST)
    assert (refused.outcome, refused.code) == ("refused", "already_decided")
    assert len(low.types()) == before


@pytest.mark.rule("L6")
def test_what_is_reported_twice_has_one_effect(low: Spending) -> None:
    low.spend(2)
    assert [complete(low, FIRST).outcome for _ in range(2)] == ["accepted", "duplicate"]
    assert complete(low, FIRST, "another/payment").code == "topup_conflict"
    low.spend(5)
    assert [fail(low, SECOND_ID).outcome for _ in range(2)] == ["accepted", "duplicate"]
    assert (low.account().balance, low.types().count("AutoTopupFailed")) == (9 * USD, 1)


@pytest.mark.rule("C8")
def test_a_payment_that_another_channel_reported_first_counts_once_and_frees_the_slot(low: Spending) -> None:
    low.spend(2)
    low.ledger.given(RecordPurchase("acc", "5.00", "stripe/pi_1"))
    assert complete(low, FIRST, "stripe/pi_1").outcome == "accepted"
    assert low.recorded(AutoTopupCompleted) == [AutoTopupCompleted("acc", FIRST, "stripe/pi_1")]
    assert low.account().balance == 14 * USD
    low.spend(5)
    assert triggered(low) == [FIRST, SECOND_ID]


@pytest.mark.rule("L6")
def test_the_months_cap_is_not_passed_and_the_next_month_begins_anew(low: Spending) -> None:
    configure(low, monthly_cap="9.00")
    low.spend(2)
    complete(low, FIRST)
    low.spend(5)
    assert triggered(low) == [FIRST]
    low.ledger.clock.instant = NOON + 24 * DAY  # 1 May
    low.spend(0.01)
    assert triggered(low) == [FIRST, SECOND_ID]


@pytest.mark.rule("L6")
def test_a_disabled_top_up_triggers_nothing(low: Spending) -> None:
    configure(low, enabled=False)
    low.spend(5)
    assert triggered(low) == []


@pytest.mark.rule("L5")
def test_the_top_up_comes_after_the_exhaustion(low: Spending) -> None:
    low.spend(11)
    assert low.types()[-3:] == ["UsageRecorded", "CreditsExhausted", "AutoTopupTriggered"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CompleteTopup("acc", "topup/acc/7"), "topup_not_found"),
        (CompleteTopup("acc", "topup/acc/01"), "topup_not_found"),
        (CompleteTopup("acc", "anything"), "topup_not_found"),
        (FailTopup("acc", "topup/other/1"), "topup_not_found"),
        (CompleteTopup("bare", "topup/bare/1"), "topup_not_found"),
        (CompleteTopup("nobody", "topup/nobody/1"), "account_not_found"),
        (ConfigureAutoTopup("acc", "10.00", "0.00"), "amount_not_positive"),
        (ConfigureAutoTopup("acc", "10.00", "5.001"), "amount_not_chargeable"),
        (ConfigureAutoTopup("acc", "10.00", "5.00", currency="EUR"), "currency_mismatch"),
        (ConfigureAutoTopup("service", "10.00", "5.00"), "credits_not_applicable"),
        (ConfigureAutoTopup("nobody", "10.00", "5.00"), "account_not_found"),
    ],
)
def test_what_makes_no_sense_is_refused(low: Spending, command: Any, code: str) -> None:
    low.ledger.given(
        OpenAccount("bare", "org", "USD"),
        OpenAccount("service", "platform_service", "USD", tier="internal"),
    )
    before = len(low.types())
    outcome = low.ledger.when(command)
    assert (outcome.outcome, outcome.code) == ("refused", code)
    assert len(low.types()) == before
