"""Usage that is booked: one event for each paying account, complete enough to be disputed from the event alone."""

from __future__ import annotations

from uuid import UUID

from domain.rehearsal import SECOND, Rehearsal, answer_of
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import Allocation, PayerDecision
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.pricing.events import PriceBasis, PriceUsed
from usage_ledger.pricing.price_form import UnitPrice
from usage_ledger.workspaces.commands import RegisterWorkspace

from .metered_ledger import ACCOUNT, lines, price, record, send, usage_events

NANO = 10**9


def test_an_item_is_charged_to_the_pinned_account(ledger: Rehearsal) -> None:
    outcome = send(ledger, {"usage": {"input_tokens": 1_000_000, "output_tokens": 500_000}})
    assert outcome.outcome == "accepted"
    assert answer_of(outcome) == {
        "outcome": "accepted",
        "items": [
            {
                "id": "a1",
                "status": "accepted",
                "charged": "2.00",
                "account_id": "acc",
                "payer_reason": "pinned",
                "mode": "platform_managed",
                "mode_source": "derived_default",
                "line_status": "charged",
            }
        ],
        "charged": "2.00",
        "currency": "USD",
        "available": "8.00",
        "usage_event_id": _event_id(ledger),
    }


def test_the_event_says_price_payer_and_entry(ledger: Rehearsal) -> None:
    at = ledger.now - SECOND
    send(ledger, {"usage": {"input_tokens": 1_000_000}, "occurred_at": at, "provider": "acme"})
    (event,) = usage_events(ledger)
    used = PriceUsed(
        "small-1",
        "sell",
        False,
        "USD",
        None,
        (UnitPrice("cache_read", 0), UnitPrice("input", 10**9), UnitPrice("output", 2 * 10**9)),
    )
    assert event.prices == (PriceBasis("acme/small", "acme", used, None),)
    assert event.decisions == (
        PayerDecision(
            "ws", "platform_managed", "derived_default", "P4", None, "acc", "pinned", "UNKNOWN", False, "chat"
        ),
    )
    assert [(line.attempt_id, line.occurred_at, line.outcome, line.charged) for line in event.lines] == [
        ("a1", at, "charged", NANO)
    ]
    assert (event.account_id, event.currency, event.charged, event.balance_after) == ("acc", "USD", NANO, 9 * NANO)
    assert event.allocations == (Allocation(0, 0, "lot-2", NANO),)
    (entry,) = event.entries
    assert entry.type == "usage"
    assert set(entry.lines) == {JournalLine(2000, "debit", NANO, "lot-2"), JournalLine(4010, "credit", NANO)}


def test_the_event_occurred_when_its_latest_item_did(ledger: Rehearsal) -> None:
    now = ledger.now
    send(ledger, *({"id": f"a{age}", "occurred_at": now - age} for age in (9, 3, 7)))
    envelope, _ = ledger.recorded(ACCOUNT)[-1]
    assert (envelope.occurred_at, envelope.recorded_at) == (now - 3, now)


def test_items_that_share_price_and_decision_write_them_once(ledger: Rehearsal) -> None:
    ledger.given(price("acme/large", "large-1", {"input": "5"}), tenant="platform")
    record(
        ledger,
        {"id": "a"},
        {"id": "b", "model": "acme/large"},
        {"id": "c"},
        {"id": "d", "model": "acme/large"},
        {"id": "e", "credential": "platform"},
    )
    (event,) = usage_events(ledger)
    assert [basis.model for basis in event.prices] == ["acme/small", "acme/large"]
    assert [decision.credential for decision in event.decisions] == ["UNKNOWN", "platform"]
    assert [(line.price, line.decision) for line in event.lines] == [(0, 0), (1, 0), (0, 0), (1, 0), (0, 1)]


def test_each_paying_account_has_one_event(ledger: Rehearsal) -> None:
    ledger.given(
        OpenAccount("acc2", "org", "USD"),
        RegisterWorkspace("ws2", account_id="acc2"),
        RegisterWorkspace("ws3", account_id="acc"),
    )
    outcome = send(
        ledger,
        {"id": "a"},
        {"id": "b", "workspace_id": "ws2"},
        {"id": "c", "workspace_id": "ws3"},
        {"id": "d", "workspace_id": "ws2"},
    )
    assert [line.attempt_id for line in lines(ledger)] == ["a", "c"]
    assert [line.attempt_id for line in lines(ledger, "t1/account-acc2")] == ["b", "d"]
    assert len(usage_events(ledger)) == len(usage_events(ledger, "t1/account-acc2")) == 1
    assert answer_of(outcome)["charged"] == "4.00"


def test_revenue_is_split_by_capability(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a"}, {"id": "b", "capability": "image"}, {"id": "c", "capability": "rerank"}, {"id": "d"})
    (event,) = usage_events(ledger)
    earned = {line.code: line.amount for line in event.entries[0].lines if line.side == "credit"}
    assert earned == {4010: 2 * NANO, 4012: NANO, 4019: NANO}


def test_usage_is_never_refused_for_lack_of_credit(ledger: Rehearsal) -> None:
    (answer,) = record(ledger, {"usage": {"input_tokens": 25_000_000}})
    assert (answer["status"], answer["charged"]) == ("accepted", "25.00")
    (event,) = usage_events(ledger)
    assert event.balance_after == -15 * NANO


def test_accounts_of_two_currencies_have_no_sum(ledger: Rehearsal) -> None:
    ledger.given(price("acme/small", "small-eur", {"input": "3"}, currency="EUR"), tenant="platform")
    ledger.given(OpenAccount("euro", "org", "EUR"), RegisterWorkspace("ws2", account_id="euro"))
    answer = answer_of(send(ledger, {"id": "a"}, {"id": "b", "workspace_id": "ws2"}))
    assert [item["charged"] for item in answer["items"]] == ["1.00", "3.00"]
    assert "charged" not in answer


def test_tenants_with_equal_ids_do_not_meet(ledger: Rehearsal) -> None:
    outcome = send(ledger, {}, tenant="t2")
    assert answer_of(outcome)["items"][0]["code"] == "workspace_not_found"
    assert send(ledger, {}).outcome == "accepted"


def _event_id(ledger: Rehearsal) -> str:
    envelope, _ = ledger.recorded(ACCOUNT)[-1]
    return str(UUID(bytes=envelope.event_id))
