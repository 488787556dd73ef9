"""Re-rating shows the difference first, then books it, once for each line and what is known (P10)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.corrections.corrected import NANO, account, corrected, corrections
from domain.holds.calls import open_ledger, place
from domain.quarantine.books import balances
from domain.rehearsal import DAY, START, Rehearsal, answer_of
from domain.usage.metered_ledger import lines, price, record
from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.pricing.commands import PriceText, PublishPrices, StepText, TierText
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome
from usage_ledger.usage.corrections import rerating
from usage_ledger.usage.corrections.commands import RerateUsage


def rerate(ledger: Rehearsal, **fields: Any) -> Outcome:
    return ledger.when(RerateUsage(**({"account_id": "acc", "start": START - DAY, "end": START + 30 * DAY} | fields)))


def rerated(ledger: Rehearsal, **fields: Any) -> dict[str, Any]:
    outcome = rerate(ledger, **fields)
    assert outcome.outcome == "accepted", outcome
    return answer_of(outcome)


@pytest.fixture
def ledger(ledger: Rehearsal) -> Rehearsal:
    """Two models, of which one was published at ten times its price; the account used both."""
    ledger.given(price("acme/fixme", "wrong", {"input": "10"}, effective_from=START - DAY), tenant="platform")
    record(ledger, {"id": "a1", "model": "acme/fixme"}, {"id": "a2"})
    ledger.given(price("acme/fixme", "right", {"input": "1"}, effective_from=START - DAY), tenant="platform")
    return ledger


@pytest.mark.rule("P10")
def test_a_dry_run_tells_every_difference_and_books_none(ledger: Rehearsal) -> None:
    before = account(ledger)
    assert rerated(ledger, dry_run=True) == {
        "account_id": "acc",
        "currency": "USD",
        "dry_run": True,
        "lines": 2,
        "total": "-9.00",
        "diff": [{"attempt": "a1", "source": "gw", "old": "10.00", "new": "1.00", "delta": "-9.00"}],
    }
    assert account(ledger) == before


@pytest.mark.rule("P10")
def test_differences_are_booked_once(ledger: Rehearsal) -> None:
    assert rerated(ledger)["total"] == "-9.00"
    again = rerated(ledger)
    assert (again["total"], again["diff"], again["lines"]) == ("0.00", [], 2)
    (event,) = corrections(ledger)
    assert (event.reason, event.delta) == ("rerate", -9 * NANO)
    assert [line.attempt_id for line in event.lines] == ["a1"]
    assert account(ledger).balance == 8 * NANO
    assert balances(ledger)[4010] == -2 * NANO


@pytest.mark.rule("P10")
def test_another_price_later_is_another_difference(ledger: Rehearsal) -> None:
    rerated(ledger)
    ledger.given(price("acme/fixme", "dearer", {"input": "3"}, effective_from=START - DAY), tenant="platform")
    assert [each["delta"] for each in rerated(ledger)["diff"]] == ["2.00"]
    assert account(ledger).balance == 6 * NANO


def test_what_is_charged_less_is_given_back_before_anything_is_charged_more(ledger: Rehearsal) -> None:
    ledger.given(price("acme/small", "small-2", {"input": "4"}, effective_from=START - DAY), tenant="platform")
    assert rerated(ledger)["total"] == "-6.00"
    down, up = corrections(ledger)
    assert (down.delta, up.delta) == (-9 * NANO, 3 * NANO)
    assert account(ledger).overdraft == 0


def test_only_usage_that_occurred_in_the_period_is_rated_again(ledger: Rehearsal) -> None:
    occurred = lines(ledger)[0].occurred_at
    assert rerated(ledger, end=occurred)["lines"] == 0
    assert rerated(ledger, start=occurred + 1)["lines"] == 0
    assert rerated(ledger, start=occurred, end=occurred + 1)["lines"] == 2


def test_late_usage_of_the_period_is_found_wherever_it_was_recorded(ledger: Rehearsal) -> None:
    occurred = ledger.now
    ledger.wait(20 * DAY)
    record(ledger, {"id": "late", "occurred_at": occurred})
    assert rerated(ledger, start=occurred, end=occurred + 1)["lines"] == 1


def test_a_voided_line_is_not_rated_again(ledger: Rehearsal) -> None:
    corrected(ledger, "a1", void=True)
    assert rerated(ledger)["lines"] == 1


def test_a_line_in_suspense_leaves_it_when_it_has_a_price_now(ledger: Rehearsal) -> None:
    cost = {"amount": "0.80", "currency": "USD"}
    record(ledger, {"id": "a3", "model": "acme/new", "reported_cost": cost})
    ledger.given(price("acme/new", "new-1", {"input": "2"}, effective_from=START - DAY), tenant="platform")
    assert rerated(ledger)["total"] == "-7.00"
    assert balances(ledger)[1900] == 0
    assert ledger.store.suspended == {}


def test_more_lines_than_one_command_takes_need_a_shorter_period(
    ledger: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerating, "MAX_LINES", 1)
    assert rerate(ledger).code == "too_many_lines"
    assert corrections(ledger) == []


def test_what_was_recorded_since_is_read_within_bounds_too(ledger: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else can append while it is read, however short the period is."""
    monkeypatch.setattr(rerating, "MAX_READ", 2)
    assert rerate(ledger, start=START - DAY, end=START - DAY + 1).code == "too_many_lines"


def test_many_lines_become_several_events_that_each_fit(ledger: Rehearsal) -> None:
    for batch in range(4):
        record(ledger, *({"id": f"{batch}-{n:0120}", "model": "acme/small"} for n in range(250)))
    ledger.given(price("acme/small", "small-2", {"input": "2"}, effective_from=START - DAY), tenant="platform")
    assert rerated(ledger)["lines"] == 1002
    assert len(corrections(ledger)) > 2
    assert max(ledger.sizes("t1/account-acc")) <= 256 * 1024


def test_a_period_ends_after_it_begins(ledger: Rehearsal) -> None:
    invalid = rerate(ledger, end=START - DAY)
    assert isinstance(invalid, InvalidInput)
    assert (invalid.code, invalid.pointer) == ("invalid_value", "/to")


def test_an_unknown_account_is_not_found(ledger: Rehearsal) -> None:
    assert rerate(ledger, account_id="nobody").code == "account_not_found"


@pytest.mark.rule("P10")
@pytest.mark.rule("H5")
def test_an_amount_that_a_settlement_stated_stays_as_it_is() -> None:
    stated = open_ledger("10.00")
    place(stated, amount="1.00")
    stated.given(SettleHold("h1", amount="0.25"))
    assert (rerated(stated)["lines"], rerated(stated)["total"]) == (1, "0.00")
    assert account(stated).balance == 975 * NANO // 100


@pytest.mark.rule("P5")
def test_lines_that_a_price_counts_by_month_only_now_are_counted_one_after_another(ledger: Rehearsal) -> None:
    record(ledger, *({"id": f"s{n}", "model": "acme/search", "usage": {"searches": 8}} for n in range(2)))
    steps = (StepText(up_to=10, unit="0.1"), StepText(unit="0.2"))
    tiers = (TierText("searches", mode="graduated", basis="period", steps=steps),)
    by_month = PublishPrices(
        "month", "acme/search", "sell", "USD", PriceText(tiers=tiers), "r", effective_from=START - DAY
    )
    ledger.given(by_month, tenant="platform")
    rerated(ledger)
    assert [line.charged for event in corrections(ledger) for line in event.lines if line.attempt_id[0] == "s"] == [
        8 * NANO // 10,
        14 * NANO // 10,
    ]
    assert rerated(ledger)["total"] == "0.00"
    record(ledger, {"id": "s2", "model": "acme/search", "usage": {"searches": 1}})
    assert lines(ledger)[-1].charged == 2 * NANO // 10


@pytest.mark.rule("P5")
@pytest.mark.rule("P10")
def test_a_line_that_costs_the_same_is_counted_by_month_as_well(ledger: Rehearsal) -> None:
    steps = (StepText(up_to=1, unit="0.1"), StepText(unit="0.01"))
    tiers = (TierText("searches", mode="graduated", basis="period", steps=steps),)
    plain, by_month = PriceText(per_unit={"searches": "0.1"}), PriceText(tiers=tiers)
    usual: dict[str, Any] = {
        "model": "acme/found",
        "list": "sell",
        "currency": "USD",
        "reason": "r",
        "effective_from": START - DAY,
    }
    ledger.given(PublishPrices(version="plain", price=plain, **usual), tenant="platform")
    record(ledger, *({"id": f"f{n}", "model": "acme/found", "usage": {"searches": 1}} for n in range(3)))
    ledger.given(PublishPrices(version="month", price=by_month, **usual), tenant="platform")
    assert [each["delta"] for each in rerated(ledger)["diff"]] == ["-9.00", "-0.09", "-0.09"]
    assert rerated(ledger)["diff"] == []
    assert account(ledger).period_quantities == {"2026-03 searches acme/found": 3}
