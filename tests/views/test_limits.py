"""Views of limits: the same rows however the events come in batches."""

from __future__ import annotations

import pytest

from views.recorded import ACCOUNT, NOW, item, line

DAY_START, DAY_END = NOW - NOW % 86_400_000_000, NOW - NOW % 86_400_000_000 + 86_400_000_000
TERMS = {
    "account_id": "main",
    "currency": "USD",
    "budget_id": "d",
    "scope": "account",
    "scope_value": None,
    "window": "day",
    "zone": "UTC",
    "limit": 1_000,
    "enforcement": "hard",
    "thresholds": [80, 100],
    "counted_from": NOW,
    "spent": [],
    "continues": False,
}
BUDGETS = "SELECT budget_id, spend_limit, thresholds, window_kind, counted_from FROM views.budgets ORDER BY 1"
WINDOWS = "SELECT budget_id, window_start, window_end, spend FROM views.budget_windows ORDER BY 1, 2"
TOPUPS = (
    "SELECT topup_id, trigger, state, reason, payment_ref, lease_until FROM views.topups ORDER BY triggered_position"
)
STANDING = "SELECT enabled, failures, threshold, schedule FROM views.topup_terms"


def spends(shard, *spend: tuple[str, int]) -> None:
    """Usage that counts in budgets."""
    counted = [
        {"budget_id": name, "window_start": DAY_START, "window_end": DAY_END, "spend": nano} for name, nano in spend
    ]
    shard.usage([item(1)], debits=[line(1300, "debit", 1)], balance_after=0, budgets=counted)


@pytest.fixture(params=["together", "one by one"])
def project(request, shard, writer):
    """Brings the views to where the shard is."""

    def bring() -> None:
        records = shard.on_topic()
        for batch in [records] if request.param == "together" else [[record] for record in records]:
            writer.write(batch)

    return bring


def test_spend_is_as_the_latest_event_says_it(shard, project, rows):
    shard.open_account()
    shard.record(ACCOUNT, "BudgetSet", **TERMS)
    spends(shard, ("d", 100))
    spends(shard, ("d", 300))
    project()
    assert rows(BUDGETS) == [("d", 1_000, [80, 100], "day", NOW)]
    assert rows(WINDOWS) == [("d", DAY_START, DAY_END, 300)]


def test_a_budget_that_continues_keeps_its_windows_and_one_that_begins_anew_does_not(shard, project, rows):
    shard.open_account()
    for name in ("anew", "continues"):
        shard.record(ACCOUNT, "BudgetSet", **TERMS | {"budget_id": name})
    spends(shard, ("anew", 100), ("continues", 200))
    shard.record(ACCOUNT, "BudgetSet", **TERMS | {"budget_id": "anew", "zone": "Europe/Berlin"})
    shard.record(ACCOUNT, "BudgetSet", **TERMS | {"budget_id": "continues", "limit": 5, "continues": True})
    project()
    assert rows(WINDOWS) == [("continues", DAY_START, DAY_END, 200)]
    assert [row[:2] for row in rows(BUDGETS)] == [("anew", 1_000), ("continues", 5)]


def test_a_budget_that_was_removed_is_gone_with_its_windows(shard, project, rows):
    shard.open_account()
    shard.record(ACCOUNT, "BudgetSet", **TERMS)
    spends(shard, ("d", 100))
    shard.record(ACCOUNT, "BudgetRemoved", account_id="main", budget_id="d")
    project()
    assert (rows(BUDGETS), rows(WINDOWS)) == ([], [])


def test_a_top_up_is_what_became_of_it_last(shard, project, rows):
    shard.open_account()
    configure(shard)
    trigger(shard, "topup/main/1", 10)
    shard.record(ACCOUNT, "AutoTopupLeaseExpired", account_id="main", topup_id="topup/main/1")
    trigger(shard, "topup/main/1", 20, "schedule")
    fail(shard, "topup/main/1", 1)
    trigger(shard, "topup/main/2", 30)
    project()
    assert rows(TOPUPS) == [
        ("topup/main/1", "schedule", "failed", "declined", None, 20),
        ("topup/main/2", "balance", "in_flight", None, None, 30),
    ]
    assert rows(STANDING) == [(True, 1, 500, None)]


def test_failures_disable_and_configuring_anew_forgives(shard, project, rows):
    shard.open_account()
    configure(shard)
    trigger(shard, "topup/main/1", 10)
    fail(shard, "topup/main/1", 3)
    shard.record(ACCOUNT, "AutoTopupDisabled", account_id="main", topup_id="topup/main/1", consecutive=3)
    project()
    assert rows(STANDING) == [(False, 3, 500, None)]


def test_configuring_anew_forgives(shard, project, rows):
    shard.open_account()
    configure(shard)
    trigger(shard, "topup/main/1", 10)
    fail(shard, "topup/main/1", 1)
    configure(shard, "week")
    project()
    assert rows(STANDING) == [(True, 0, 500, "week")]


def configure(shard, schedule: str | None = None) -> None:
    terms = {"threshold": 500, "amount": 1_000, "monthly_cap": None, "enabled": True, "schedule": schedule}
    shard.record(ACCOUNT, "AutoTopupConfigured", account_id="main", currency="USD", **terms)


def trigger(shard, topup_id: str, lease_until: int, by: str = "balance") -> None:
    said = {"amount": 1_000, "trigger": by, "balance": 1, "threshold": 500, "lease_until": lease_until}
    shard.record(ACCOUNT, "AutoTopupTriggered", account_id="main", currency="USD", topup_id=topup_id, **said)


def fail(shard, topup_id: str, consecutive: int) -> None:
    said = {"amount": 1_000, "consecutive": consecutive, "reason": "declined"}
    shard.record(ACCOUNT, "AutoTopupFailed", account_id="main", currency="USD", topup_id=topup_id, **said)
