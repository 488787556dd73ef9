"""How a hold ends that nobody settles: released, or expired at its time (H6, H7, C6)."""

from __future__ import annotations

import pytest

from domain.holds.calls import ACCOUNT, account_of, happened, hold, last, open_ledger, place, release
from domain.rehearsal import SECOND, answer_of


@pytest.mark.rule("H6")
def test_a_release_frees_what_was_held() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="0.40")
    assert answer_of(release(ledger)) == {
        "hold_id": "h1",
        "account_id": "acc",
        "released": "0.40",
        "available": "1.00",
        "currency": "USD",
    }
    assert account_of(ledger).held == 0
    assert last(ledger)["amount"] == 400_000_000


@pytest.mark.rule("H6")
def test_a_hold_that_is_not_open_is_not_released() -> None:
    ledger = open_ledger()
    place(ledger)
    release(ledger)
    outcome = release(ledger)
    assert (outcome.code, outcome.facts) == ("hold_not_open", {"hold_state": "released"})
    assert release(ledger, "never").code == "hold_not_found"
    assert happened(ledger).count("HoldReleased") == 1


@pytest.mark.rule("H7")
@pytest.mark.rule("C6")
def test_a_hold_ends_at_its_time_before_what_is_decided_then() -> None:
    ledger = open_ledger("1.00")
    placed_at = ledger.now
    place(ledger, amount="1.00", expires_in_s=60)
    ledger.clock.instant = placed_at + 59 * SECOND
    assert ledger.when(hold("h2", "0.80")).code == "credits_exhausted"
    ledger.clock.instant = placed_at + 60 * SECOND
    place(ledger, "h3", "0.80")
    assert happened(ledger)[-3:] == ["HoldPlaced", "HoldExpired", "HoldPlaced"]
    envelope, expired = ledger.recorded(ACCOUNT)[-2]
    assert (envelope.command_id, envelope.actor.kind, envelope.source) == ("hold-expiry/h1", "system", "clock")
    assert envelope.occurred_at == placed_at + 60 * SECOND
    assert (expired.amount, expired.held_after) == (1_000_000_000, 0)


@pytest.mark.rule("C6")
def test_a_hold_expires_though_the_command_is_refused_and_only_once() -> None:
    ledger = open_ledger("1.00")
    place(ledger, expires_in_s=1)
    ledger.wait(60 * SECOND)
    assert release(ledger).facts == {"hold_state": "expired"}
    assert ledger.when(hold("h2", "5.00")).code == "insufficient_credits"
    assert happened(ledger).count("HoldExpired") == 1


@pytest.mark.rule("C6")
def test_holds_expire_in_the_order_of_their_time_and_then_of_their_placing() -> None:
    ledger = open_ledger("1.00")
    ledger.together(
        hold("late", "0.10", expires_in_s=30), hold("b", "0.10", expires_in_s=10), hold("a", "0.10", expires_in_s=10)
    )
    ledger.wait(60 * SECOND)
    release(ledger, "late")
    ids = [event.hold_id for event in ledger.events(ACCOUNT) if type(event).__name__ == "HoldExpired"]
    assert ids == ["b", "a", "late"]
    assert account_of(ledger).holds.expiries == []
