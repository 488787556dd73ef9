"""Usage that names a hold settles it: charged in full, whatever was held (H5, H7, H8, H12)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.holds.calls import ACCOUNT, account_of, happened, hold, open_ledger, place, release
from domain.rehearsal import SECOND, Rehearsal, answer_of
from domain.usage.items import attempt
from domain.usage.items import item as usage_item
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import UsageRecorded
from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.accounts.holds.events import HoldSettled
from usage_ledger.accounts.lifecycle.commands import SuspendAccount
from usage_ledger.identifiers import Id
from usage_ledger.pricing.commands import SetPricingPolicy
from usage_ledger.submission import Outcome
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

CENT = 10_000_000


def used(ledger: Rehearsal, *items: dict[str, Any], final: bool = True) -> Outcome:
    """Each item is so many cents of ``acme/small``."""
    return ledger.when(RecordUsage(tuple(_used(ledger, **fields) for fields in items), final=final))


def _used(ledger: Rehearsal, *, cents: int, **fields: Any) -> Attempt:
    usage = {"input_tokens": cents * 10_000}
    return attempt(**{"occurred_at": ledger.now, "hold_id": "h1", "usage": usage, **fields})


def settled(ledger: Rehearsal) -> list[tuple[int, int, int, int, bool]]:
    """Held, captured, overage and released of each settlement, in cents, and whether it closed the hold."""
    return [
        (event.held // CENT, event.captured // CENT, event.overage // CENT, event.released // CENT, event.final)
        for event in ledger.events(ACCOUNT)
        if isinstance(event, HoldSettled)
    ]


def hold_states(ledger: Rehearsal) -> list[str | None]:
    lines = [line for event in ledger.events(ACCOUNT) if isinstance(event, UsageRecorded) for line in event.lines]
    return [line.detail.hold.hold_state if line.detail and line.detail.hold else None for line in lines]


@pytest.mark.rule("H5")
def test_below_the_hold_the_rest_is_released_and_the_hold_is_closed() -> None:
    ledger = open_ledger("10.00")
    place(ledger, amount="10.00")
    used(ledger, {"cents": 600})
    assert happened(ledger)[-2:] == ["UsageRecorded", "HoldSettled"]
    assert settled(ledger) == [(1000, 600, 0, 400, True)]
    account = account_of(ledger)
    assert (account.balance, account.held, account.available) == (400 * CENT, 0, 400 * CENT)
    assert release(ledger).facts == {"hold_state": "settled"}


@pytest.mark.rule("H5")
@pytest.mark.rule("H8")
def test_above_the_hold_the_overage_is_booked_too_and_the_next_call_sees_it() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="1.00")
    used(ledger, {"cents": 150})
    assert settled(ledger) == [(100, 150, 50, 0, True)]
    assert happened(ledger)[-3:] == ["UsageRecorded", "HoldSettled", "CreditsExhausted"]
    assert account_of(ledger).balance == -50 * CENT
    assert ledger.when(hold("h2", "0.01")).code == "credits_exhausted"


@pytest.mark.rule("H5")
def test_several_lines_that_name_one_hold_count_together() -> None:
    ledger = open_ledger("10.00")
    place(ledger, amount="1.00")
    used(ledger, {"id": "a", "cents": 60}, {"id": "b", "cents": 70}, {"id": "c", "cents": 5, "hold_id": None})
    assert settled(ledger) == [(100, 130, 30, 0, True)]


@pytest.mark.rule("H5")
def test_lines_of_one_command_settle_each_its_own_hold() -> None:
    ledger = open_ledger("10.00")
    place(ledger, "h1", "1.00")
    place(ledger, "h2", "2.00")
    used(ledger, {"id": "a", "cents": 60}, {"id": "b", "cents": 70, "hold_id": "h2"})
    assert happened(ledger)[-3:] == ["UsageRecorded", "HoldSettled", "HoldSettled"]
    assert settled(ledger) == [(100, 60, 0, 40, True), (200, 70, 0, 130, True)]
    assert account_of(ledger).held == 0


@pytest.mark.rule("H5")
def test_what_is_not_final_captures_and_keeps_the_rest_open() -> None:
    ledger = open_ledger("10.00")
    place(ledger, amount="1.00")
    used(ledger, {"id": "a", "cents": 30}, final=False)
    assert account_of(ledger).held == 70 * CENT
    used(ledger, {"id": "b", "cents": 90}, final=False)
    assert account_of(ledger).held == 0
    used(ledger, {"id": "c", "cents": 1})
    assert settled(ledger) == [(100, 30, 0, 0, False), (70, 90, 20, 0, False), (0, 1, 1, 0, True)]
    assert hold_states(ledger) == ["open", "open", "open"]
    assert release(ledger).code == "hold_not_open"


@pytest.mark.rule("H7")
def test_usage_of_a_hold_that_is_closed_is_charged_and_settles_nothing() -> None:
    ledger = open_ledger("10.00")
    for hold_id in ("settled", "released", "expired"):
        place(ledger, hold_id, "1.00", expires_in_s=60)
    used(ledger, {"id": "a", "cents": 1, "hold_id": "settled"})
    release(ledger, "released")
    ledger.wait(60 * SECOND)
    states = ("settled", "released", "expired")
    outcome = used(ledger, *[{"id": f"late-{state}", "cents": 10, "hold_id": state} for state in states])
    assert [item["hold_state"] for item in answer_of(outcome)["items"]] == list(states)
    assert hold_states(ledger) == ["open", "settled", "released", "expired"]
    assert len(settled(ledger)) == 1
    assert account_of(ledger).balance == 969 * CENT


@pytest.mark.rule("H7")
def test_usage_of_a_hold_that_was_never_placed_is_charged_like_any_other() -> None:
    ledger = open_ledger("10.00")
    used(ledger, {"cents": 10, "hold_id": "nobody"})
    assert (hold_states(ledger), account_of(ledger).balance) == (["not_found"], 990 * CENT)


def test_usage_of_another_workspace_does_not_settle_the_hold() -> None:
    ledger = open_ledger("10.00")
    ledger.given(OpenAccount("other", "org", "USD"), RegisterWorkspace("theirs", account_id="other"))
    place(ledger, amount="1.00")
    used(ledger, {"cents": 10, "workspace_id": "theirs"})
    assert (settled(ledger), account_of(ledger).held) == ([], 100 * CENT)
    assert account_of(ledger, "t1/account-other").balance == -10 * CENT


@pytest.mark.rule("H12")
@pytest.mark.parametrize("mode", ["byok", "disabled"])
def test_whoever_was_admitted_pays_though_the_mode_has_changed(mode: str) -> None:
    ledger = open_ledger("10.00")
    place(ledger, amount="1.00")
    ledger.given(ChangeBillingMode("ws", mode, "r"))
    item = answer_of(used(ledger, {"cents": 40}))["items"][0]
    assert (item["charged"], item["account_id"], item["mode"]) == ("0.40", "acc", "platform_managed")
    assert settled(ledger) == [(100, 40, 0, 60, True)]


@pytest.mark.rule("H5")
def test_a_hold_of_a_call_that_nobody_pays_for_is_closed_by_its_usage() -> None:
    ledger = open_ledger(None)
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    place(ledger)
    used(ledger, {"cents": 40})
    assert happened(ledger, "t1/metered-ws") == ["UsageRecorded"]
    assert (settled(ledger), happened(ledger)[-1]) == ([(0, 0, 0, 0, True)], "HoldSettled")


@pytest.mark.rule("U3")
def test_a_repeated_attempt_settles_nothing() -> None:
    ledger = open_ledger("10.00")
    used(ledger, {"cents": 10, "hold_id": None})
    place(ledger, amount="1.00")
    assert used(ledger, {"cents": 10}).outcome == "duplicate"
    assert (settled(ledger), account_of(ledger).held) == ([], 100 * CENT)


@pytest.mark.rule("A3")
def test_a_suspended_account_settles_what_was_admitted_before() -> None:
    ledger = open_ledger("10.00")
    place(ledger, amount="1.00")
    ledger.given(SuspendAccount(account_id="acc", reason="manual"))
    assert ledger.when(hold("h2")).code == "account_suspended"
    used(ledger, {"cents": 40})
    assert settled(ledger) == [(100, 40, 0, 60, True)]


class TestSettleHold:
    @pytest.mark.rule("H5")
    def test_an_amount_is_booked_as_given_on_one_line(self) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        answer = answer_of(ledger.when(SettleHold("h1", amount="0.25")))
        assert settled(ledger) == [(100, 25, 0, 75, True)]
        usage = next(event for event in ledger.events(ACCOUNT) if isinstance(event, UsageRecorded))
        charge = usage.prices[0].charge
        assert charge is not None
        assert (charge.list, usage.lines[0].charged, usage.charged) == ("stated", 25 * CENT, 25 * CENT)
        names = ("hold_state", "charged", "overage", "released", "held", "available")
        assert [answer[name] for name in names] == ["open", "0.25", "0.00", "0.75", "0.00", "9.75"]

    @pytest.mark.rule("H5")
    def test_an_item_is_rated_like_any_usage(self) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        item = usage_item(occurred_at=ledger.now, usage={"input_tokens": 400_000})
        answer = answer_of(ledger.when(SettleHold("h1", item=item, final=False)))
        assert (answer["charged"], answer["held"], answer["items"][0]["line_status"]) == ("0.40", "0.60", "charged")

    def test_the_id_of_an_amount_is_an_id_like_any_other_and_no_two_are_the_same(self) -> None:
        command = SettleHold("h1", amount="0.25")
        ids = [command.stated_id(command_id) for command_id in ("c-1", "x" * 128, "x" * 127 + "y")]
        assert ids[0] == "stated:c-1"
        assert len(set(msgspec.convert(ids, list[Id]))) == 3

    @pytest.mark.rule("H7")
    def test_a_hold_that_is_closed_is_charged_all_the_same(self) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        release(ledger)
        answer = answer_of(ledger.when(SettleHold("h1", amount="0.25")))
        assert (answer["hold_state"], answer["charged"], answer["released"]) == ("released", "0.25", "0.00")

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (SettleHold("nobody", amount="1.00"), "hold_not_found"),
            (SettleHold("h1", amount="-1.00"), "amount_not_positive"),
            (SettleHold("h1", amount="1.00", currency="EUR"), "currency_mismatch"),
        ],
    )
    def test_what_cannot_be_settled_is_refused_and_the_hold_stays(self, command: SettleHold, code: str) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        assert ledger.when(command).code == code
        assert account_of(ledger).held == 100 * CENT

    def test_an_item_that_cannot_be_understood_settles_nothing(self) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        item = usage_item(occurred_at=ledger.now, usage={"furlongs": 1})
        outcome = ledger.when(SettleHold("h1", item=item))
        assert (outcome.outcome, outcome.code) == ("refused", "unknown_unit")
        assert account_of(ledger).held == 100 * CENT

    @pytest.mark.parametrize("fields", [{"hold_id": "h2"}, {"workspace_id": "theirs"}])
    def test_an_item_that_is_another_holds_is_wrong_input(self, fields: dict[str, str]) -> None:
        ledger = open_ledger("10.00")
        place(ledger, amount="1.00")
        item = usage_item(**{"occurred_at": ledger.now, **fields})
        assert ledger.when(SettleHold("h1", item=item)).code == "invalid_value"
        assert account_of(ledger).held == 100 * CENT


@pytest.mark.rule("U8")
def test_a_fallback_to_the_platforms_credential_is_charged_though_nothing_was_held_for_it() -> None:
    ledger = open_ledger("10.00")
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    place(ledger)
    item = answer_of(used(ledger, {"cents": 40, "credential": "platform", "fallback_from": "a0"}))["items"][0]
    assert (item["charged"], settled(ledger)) == ("0.40", [(0, 40, 40, 0, True)])


@pytest.mark.rule("U8")
def test_where_a_fee_is_all_that_is_charged_no_more_is_held() -> None:
    ledger = open_ledger("10.00")
    ledger.given(SetPricingPolicy(byok_fee_per_request="0.05"), tenant="platform")
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    assert place(ledger, amount="3.00")["held"] == "0.05"
    ledger.given(ChangeBillingMode("ws", "platform_managed", "r"))
    item = answer_of(used(ledger, {"cents": 40}))["items"][0]
    assert (item["charged"], settled(ledger)) == ("0.05", [(5, 5, 0, 0, True)])


@pytest.mark.rule("H5")
@pytest.mark.rule("U8")
def test_a_hold_is_settled_once_by_an_own_key_and_its_fallback_together() -> None:
    ledger = open_ledger("10.00")
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    place(ledger)
    used(ledger, {"id": "a", "cents": 40}, {"id": "b", "cents": 30, "credential": "platform", "fallback_from": "a"})
    assert settled(ledger) == [(0, 30, 30, 0, True)]
    assert happened(ledger)[-2:] == ["UsageRecorded", "HoldSettled"]
    assert happened(ledger, "t1/metered-ws") == ["UsageRecorded"]
