"""Charging another account, as far as it allows (U15)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.holds.calls import account_of, happened, hold, open_ledger, place
from domain.rehearsal import SECOND, Rehearsal, answer_of
from domain.usage.items import attempt
from usage_ledger.accounts.bill_to.authority import AUTHORITIES_MAX
from usage_ledger.accounts.bill_to.authorizing import BENEFICIARIES_MAX
from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import PayerDecision, UsageRecorded
from usage_ledger.accounts.lifecycle.commands import SuspendAccount
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.usage.commands import AssignPayer, RecordUsage

CENT = 10_000_000
SPONSOR = "t1/account-sponsor"


@pytest.fixture
def ledger() -> Rehearsal:
    """``acc`` has 5.00 and calls; ``sponsor`` has 50.00 and has allowed nothing yet."""
    ledger = open_ledger("5.00")
    ledger.given(OpenAccount("sponsor", "org", "USD"), RecordPurchase("sponsor", "50.00", "card/p2"))
    return ledger


def authorize(ledger: Rehearsal, cap: str | None = None, **terms: Any) -> None:
    ledger.given(AuthorizeBillTo("sponsor", "acc", cap, **terms))


def used(ledger: Rehearsal, *cents: int, **fields: Any) -> list[dict[str, Any]]:
    """Usage of so many cents each, billed to the sponsor: what is answered for each item."""
    usual = {"occurred_at": ledger.now, "bill_to": "sponsor", **fields}
    attempts = [
        attempt(**usual, id=f"a-{ledger.now}-{number}", usage={"input_tokens": each * 10_000})
        for number, each in enumerate(cents)
    ]
    return answer_of(ledger.when(RecordUsage(tuple(attempts))))["items"]


def payers(items: list[dict[str, Any]]) -> list[str]:
    return [item["account_id"] for item in items]


def decisions(ledger: Rehearsal, stream_id: str) -> list[PayerDecision]:
    return [each for event in ledger.events(stream_id) if isinstance(event, UsageRecorded) for each in event.decisions]


@pytest.mark.rule("U15")
def test_a_hold_on_another_account_needs_its_authority(ledger: Rehearsal) -> None:
    assert ledger.when(hold("h0", "1.00", bill_to="sponsor")).code == "bill_to_not_authorized"
    assert ledger.when(hold("h0", "1.00", bill_to="nobody")).code == "bill_to_not_authorized"
    authorize(ledger)
    answer = place(ledger, "h1", "4.00", bill_to="sponsor")
    assert (answer["account_id"], answer["payer"], answer["payer_reason"]) == ("sponsor", "sponsor", "bill_to")
    assert happened(ledger, SPONSOR)[-1] == "HoldPlaced"
    assert (account_of(ledger).held, account_of(ledger, SPONSOR).held) == (0, 400 * CENT)


@pytest.mark.rule("U15")
def test_the_payer_settles_the_hold_and_says_whose_usage_it_was(ledger: Rehearsal) -> None:
    authorize(ledger, "10.00")
    place(ledger, "h1", "4.00", bill_to="sponsor")
    assert payers(used(ledger, 400, hold_id="h1")) == ["sponsor"]
    assert happened(ledger, SPONSOR)[-2:] == ["UsageRecorded", "HoldSettled"]
    (decision,) = decisions(ledger, SPONSOR)
    assert decision.detail is not None
    assert decision.detail.used_by == "acc"
    assert account_of(ledger, SPONSOR).bill_to.authorities["acc"][0].charged == 400 * CENT


@pytest.mark.rule("U15")
def test_a_hold_stops_at_the_cap_of_what_was_charged_and_is_held(ledger: Rehearsal) -> None:
    authorize(ledger, "10.00")
    place(ledger, "h1", "4.00", bill_to="sponsor")
    used(ledger, 350)
    refused = ledger.when(hold("h2", "2.51", bill_to="sponsor"))
    assert refused.code == "bill_to_cap_exceeded"
    assert refused.facts == {"cap": "10.00", "charged": "3.50", "held": "4.00", "required": "2.51", "currency": "USD"}
    place(ledger, "h3", "2.50", bill_to="sponsor")


@pytest.mark.rule("H12")
def test_a_hold_is_settled_by_its_payer_though_the_authority_has_ended(ledger: Rehearsal) -> None:
    authorize(ledger)
    place(ledger, "h1", "4.00", bill_to="sponsor")
    ledger.given(RevokeBillTo("sponsor", "acc"))
    assert ledger.when(hold("h2", "1.00", bill_to="sponsor")).code == "bill_to_not_authorized"
    assert payers(used(ledger, 400, hold_id="h1")) == ["sponsor"]


@pytest.mark.rule("U15")
def test_usage_without_a_hold_is_charged_to_whoever_allows_it_when_it_occurs(ledger: Rehearsal) -> None:
    before = ledger.now
    ledger.wait(SECOND)
    authorize(ledger)
    during = ledger.now
    ledger.wait(SECOND)
    ledger.given(RevokeBillTo("sponsor", "acc"))
    after = ledger.now
    assert [payers(used(ledger, 10, occurred_at=at)) for at in (before, during, after)] == [
        ["acc"],
        ["sponsor"],
        ["acc"],
    ]
    rejected = [each.detail.bill_to_rejected for each in decisions(ledger, "t1/account-acc") if each.detail]
    assert rejected == ["sponsor", "sponsor"]


@pytest.mark.rule("U15")
def test_an_authority_ends_at_its_time(ledger: Rehearsal) -> None:
    authorize(ledger, expires_at=ledger.now + 10 * SECOND)
    assert payers(used(ledger, 10)) == ["sponsor"]
    ledger.wait(10 * SECOND)
    assert payers(used(ledger, 10)) == ["acc"]
    assert ledger.when(hold("h1", "1.00", bill_to="sponsor")).code == "bill_to_not_authorized"


@pytest.mark.rule("U15")
def test_lines_above_the_cap_are_charged_to_the_callers_own_account(ledger: Rehearsal) -> None:
    authorize(ledger, "1.00")
    assert payers(used(ledger, 60, 50, 40)) == ["sponsor", "acc", "sponsor"]
    assert payers(used(ledger, 1)) == ["acc"]


@pytest.mark.rule("U15")
def test_an_authority_that_is_given_again_while_it_stands_keeps_what_was_charged(ledger: Rehearsal) -> None:
    authorize(ledger, "1.00")
    used(ledger, 100)
    authorize(ledger, "1.50")
    assert payers(used(ledger, 50, 1)) == ["sponsor", "acc"]
    ledger.given(RevokeBillTo("sponsor", "acc"))
    authorize(ledger, "0.10")
    assert payers(used(ledger, 10)) == ["sponsor"]


def test_what_holds_already_is_accepted_without_an_event(ledger: Rehearsal) -> None:
    authorize(ledger, "1.00")
    authorize(ledger, "1.00")
    ledger.given(RevokeBillTo("sponsor", "acc"), RevokeBillTo("sponsor", "acc"))
    assert happened(ledger, SPONSOR)[-2:] == ["BillToAuthorized", "BillToRevoked"]


def test_a_payer_that_is_suspended_pays_for_no_new_call(ledger: Rehearsal) -> None:
    authorize(ledger)
    ledger.given(SuspendAccount("sponsor", "manual"))
    assert ledger.when(hold("h1", "1.00", bill_to="sponsor")).code == "account_suspended"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (AuthorizeBillTo("sponsor", "nobody"), "account_not_found"),
        (AuthorizeBillTo("nobody", "acc"), "account_not_found"),
        (AuthorizeBillTo("sponsor", "sponsor"), "invalid_value"),
        (AuthorizeBillTo("sponsor", "acc", "-1.00"), "invalid_limit"),
        (AuthorizeBillTo("sponsor", "acc", "1.00", "EUR"), "currency_mismatch"),
        (AuthorizeBillTo("sponsor", "acc", expires_at=1), "expires_in_past"),
        (RevokeBillTo("sponsor", "acc"), "bill_to_not_found"),
        (RevokeBillTo("nobody", "acc"), "account_not_found"),
    ],
)
def test_an_authority_that_cannot_be_is_refused(ledger: Rehearsal, command: Any, code: str) -> None:
    assert ledger.when(command).code == code
    assert happened(ledger, SPONSOR) == ["AccountOpened", "PurchaseRecorded"]


@pytest.mark.rule("U6")
@pytest.mark.parametrize("authorized", [True, False])
def test_late_usage_that_names_a_payer_says_where_it_is_posted(ledger: Rehearsal, *, authorized: bool) -> None:
    if authorized:
        authorize(ledger)
    late = ledger.now
    ledger.wait(30 * 86_400 * SECOND)
    ledger.given(CloseMonth("2026-03"), tenant="platform")
    (item,) = used(ledger, 5, occurred_at=late)
    stream = SPONSOR if authorized else f"t1/account-{item['account_id']}"
    assert (item["account_id"] == "sponsor") is authorized
    (event,) = [each for each in ledger.events(stream) if isinstance(each, UsageRecorded)]
    assert event.lines[0].detail is not None
    assert event.lines[0].detail.accounting_month == "2026-04"


@pytest.mark.rule("U15")
@pytest.mark.rule("C6")
def test_a_hold_that_has_ended_takes_nothing_of_the_cap_any_more(ledger: Rehearsal) -> None:
    authorize(ledger, "4.00")
    place(ledger, "h1", "4.00", bill_to="sponsor", expires_in_s=60)
    ledger.wait(60 * SECOND)
    assert payers(used(ledger, 100)) == ["sponsor"]
    place(ledger, "h2", "3.00", bill_to="sponsor", expires_in_s=60)
    ledger.wait(60 * SECOND)
    place(ledger, "h3", "3.00", bill_to="sponsor")


def test_whom_an_operator_names_pays_for_usage_that_waited_whoever_it_named(ledger: Rehearsal) -> None:
    authorize(ledger)
    (waiting,) = used(ledger, 10, workspace_id="nobody")
    assert waiting["status"] == "quarantined"
    assigned = ledger.when(AssignPayer(waiting["id"], "gw", "acc", "agreed"))
    assert answer_of(assigned)["account_id"] == "acc"


@pytest.mark.rule("U15")
def test_late_usage_counts_under_the_cap_of_the_authority_that_stood_then(ledger: Rehearsal) -> None:
    then = ledger.now
    authorize(ledger, "1.00")
    ledger.given(RevokeBillTo("sponsor", "acc"))
    authorize(ledger, "2.00")
    assert payers(used(ledger, 80, occurred_at=then)) == ["sponsor"]
    assert payers(used(ledger, 80, occurred_at=then)) == ["acc"]
    assert payers(used(ledger, 200)) == ["sponsor"]


@pytest.mark.rule("U15")
def test_a_payer_pays_for_so_many_others_and_no_more(ledger: Rehearsal) -> None:
    others = [f"o{n}" for n in range(BENEFICIARIES_MAX - 1)]
    ledger.given_together(*(OpenAccount(each, "org", "USD") for each in (*others, "last", "one-more")))
    ledger.given_together(*(AuthorizeBillTo("sponsor", each) for each in (*others, "last")))
    assert ledger.when(AuthorizeBillTo("sponsor", "one-more")).code == "too_many_beneficiaries"
    ledger.given(AuthorizeBillTo("sponsor", "last", "5.00"), RevokeBillTo("sponsor", "last"))
    assert ledger.when(AuthorizeBillTo("sponsor", "one-more")).code == "too_many_beneficiaries"
    ledger.given(AuthorizeBillTo("sponsor", "last"))


@pytest.mark.rule("U15")
def test_of_authorities_that_come_and_go_the_latest_are_remembered(ledger: Rehearsal) -> None:
    for _ in range(AUTHORITIES_MAX):
        authorize(ledger)
        ledger.given(RevokeBillTo("sponsor", "acc"))
    oldest, *_ = account_of(ledger, SPONSOR).bill_to.authorities["acc"]
    authorize(ledger)
    given = account_of(ledger, SPONSOR).bill_to.authorities["acc"]
    assert (len(given), given[0].since > oldest.since) == (AUTHORITIES_MAX, True)
    assert payers(used(ledger, 10)) == ["sponsor"]
