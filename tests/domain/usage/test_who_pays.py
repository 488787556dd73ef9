"""Mode and payer are as of each item's occurred_at; the observed route is flagged and never decides."""

from __future__ import annotations

import pytest

from domain.rehearsal import SECOND, Rehearsal
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.deployment.commands import UnwireProxy
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS

from .metered_ledger import METERED, lines, price, quarantined, record, usage_events


def test_items_in_any_order_of_time_read_the_mode_of_their_instant(ledger: Rehearsal) -> None:
    platform = ledger.now - 1
    byok = ledger.now
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    disabled = ledger.now
    ledger.given(ChangeBillingMode("ws", "disabled", "r"))
    again = ledger.now
    ledger.given(ChangeBillingMode("ws", None, "r"))
    instants = [again, byok, platform, disabled, byok, again, disabled - 1, platform, again - 1]
    answers = record(ledger, *({"id": f"a{n}", "occurred_at": at} for n, at in enumerate(instants)))
    assert [answer.get("mode") or answer["code"] for answer in answers] == [
        "platform_managed",
        "byok",
        "platform_managed",
        "mode_disabled",
        "byok",
        "platform_managed",
        "byok",
        "platform_managed",
        "mode_disabled",
    ]
    assert [line.attempt_id for line in lines(ledger)] == ["a0", "a2", "a5", "a7"]
    assert len(usage_events(ledger)[0].decisions) == 1
    assert [line.attempt_id for line in lines(ledger, METERED)] == ["a1", "a4", "a6"]


def test_the_deployments_default_is_that_of_the_instant(ledger: Rehearsal) -> None:
    ledger.given(UnwireProxy(), tenant="platform")
    before, after = record(ledger, {"id": "a", "occurred_at": ledger.now - 3 * SECOND}, {"id": "b"})
    assert (before["mode"], after["mode"]) == ("platform_managed", "byok")


def test_the_price_is_that_of_the_instant(ledger: Rehearsal) -> None:
    starts = ledger.now - SECOND // 2
    ledger.given(price("acme/small", "small-2", {"input": "9"}, effective_from=starts), tenant="platform")
    instants = [starts, starts - 1, starts + 1, starts - 2, starts]
    answers = record(ledger, *({"id": f"a{n}", "occurred_at": at} for n, at in enumerate(instants)))
    assert [answer["charged"] for answer in answers] == ["9.00", "1.00", "9.00", "1.00", "9.00"]
    (event,) = usage_events(ledger)
    assert [basis.charge.version for basis in event.prices if basis.charge] == ["small-2", "small-1"]


def test_usage_up_to_300_s_older_than_its_workspace_reads_its_first_fact(ledger: Rehearsal) -> None:
    ledger.wait(1_000 * SECOND)
    registered = ledger.now
    ledger.given(RegisterWorkspace("new", account_id="acc"))
    items = [
        {"id": "a", "workspace_id": "new", "occurred_at": registered - EARLY_USAGE_MICROS},
        {"id": "b", "workspace_id": "new", "occurred_at": registered - EARLY_USAGE_MICROS - 1},
        {"id": "c", "workspace_id": "new", "occurred_at": registered + 1},
    ]
    early, too_early, later = record(ledger, *items)
    assert (early["status"], early["account_id"], later["status"]) == ("accepted", "acc", "accepted")
    assert (too_early["status"], too_early["code"]) == ("quarantined", "workspace_not_found")


def test_an_unregistered_workspace_waits_and_its_ids_are_taken(ledger: Rehearsal) -> None:
    fields = {"workspace_id": "nobody", "reported_cost": {"amount": "0.80", "currency": "EUR"}}
    assert record(ledger, fields) == [{"id": "a1", "status": "quarantined", "code": "workspace_not_found"}]
    (kept,) = quarantined(ledger)
    assert (kept.disposition, kept.reason, kept.workspace_id) == ("waiting", "workspace_not_found", "nobody")
    assert (kept.amount_at_risk, kept.currency) == (8 * 10**8, "EUR")
    assert record(ledger, fields) == [{"id": "a1", "status": "duplicate"}]


def test_a_workspace_without_a_pin_waits(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("free"))
    (answer,) = record(ledger, {"workspace_id": "free"})
    assert (answer["status"], answer["code"]) == ("quarantined", "no_pin")


def test_byok_needs_no_pin(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("free"), ChangeBillingMode("free", "byok", "r"))
    (answer,) = record(ledger, {"workspace_id": "free"})
    assert answer["status"] == "accepted"


def test_a_run_is_not_guessed(ledger: Rehearsal) -> None:
    known, unknown = record(ledger, {"id": "a", "run_id": "r1"}, {"id": "b", "run_id": "r1", "workspace_id": "x"})
    assert (known["status"], known["code"]) == ("quarantined", "run_not_decided")
    assert unknown["code"] == "workspace_not_found"


def test_disabled_is_rejected_kept_raw_and_takes_no_id(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "disabled", "r"))
    assert record(ledger, {}) == [{"id": "a1", "status": "rejected", "code": "mode_disabled"}]
    (kept,) = quarantined(ledger)
    assert (kept.disposition, kept.reason) == ("rejected", "mode_disabled")
    ledger.given(ChangeBillingMode("ws", None, "r"))
    (answer,) = record(ledger, {})
    assert answer["status"] == "accepted"


@pytest.mark.parametrize(
    ("mode", "credential", "mismatch"),
    [
        ("platform_managed", "platform", False),
        ("platform_managed", "byok", True),
        ("platform_managed", None, False),
        ("byok", "byok", False),
        ("byok", "platform", True),
        ("byok", None, False),
    ],
)
def test_a_route_against_the_decision_is_flagged_and_changes_no_charge(
    ledger: Rehearsal, mode: str, credential: str | None, mismatch: bool
) -> None:
    ledger.given(ChangeBillingMode("ws", mode, "r"))
    (answer,) = record(ledger, {"credential": credential})
    assert answer["charged"] == ("1.00" if mode == "platform_managed" else "0.00")
    (event,) = usage_events(ledger) or usage_events(ledger, METERED)
    assert (event.decisions[0].route_mismatch, event.decisions[0].credential) == (mismatch, credential or "UNKNOWN")


def test_a_declared_fallback_to_the_platforms_credential_is_platform_usage(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "r"))
    own, fallback, not_platform = record(
        ledger,
        {"id": "r1-1", "credential": "byok", "status": "failed"},
        {"id": "r1-2", "credential": "platform", "fallback_from": "r1-1"},
        {"id": "r1-3", "credential": "byok", "fallback_from": "r1-1"},
    )
    assert (own["reason"], not_platform["reason"]) == ("byok", "byok")
    assert (fallback["charged"], fallback["account_id"], fallback["mode"]) == ("1.00", "acc", "byok")
    (event,) = usage_events(ledger)
    assert event.decisions[0].route_mismatch is False
    assert event.lines[0].detail is not None
    assert event.lines[0].detail.fallback_from == "r1-1"


def test_a_platform_service_pays_from_the_platforms_own_expense(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("demo", "platform_service", "USD", tier="demo"), RegisterWorkspace("d", account_id="demo"))
    record(ledger, {"workspace_id": "d"})
    (event,) = usage_events(ledger, "t1/account-demo")
    assert {(line.code, line.side) for line in event.entries[0].lines} == {(5200, "debit"), (4900, "credit")}
    assert event.allocations == ()
