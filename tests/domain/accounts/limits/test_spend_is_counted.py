"""What counts in a budget: what usage charged, in the window of its own time, for whom it was used (L1)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.limits.spending import DAY, HOUR, NOON, USD, Spending
from domain.corrections.corrected import corrected
from domain.usage.metered_ledger import ACCOUNT, price, send
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits
from usage_ledger.accounts.events import UsageRecorded
from usage_ledger.accounts.limits import past_usage
from usage_ledger.accounts.limits.budget import Budget, Spender, Spent
from usage_ledger.accounts.limits.events import BudgetSpend
from usage_ledger.accounts.limits.windows import window_of

EARLIER = DAY


@pytest.mark.rule("L1")
def test_spend_counts_in_the_window_in_which_it_occurred(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.budget("m", "month", "100.00")
    spending.budget("t", "total", "1000.00")
    spending.spend(9)
    spending.spend(2, at=NOON - EARLIER)
    assert spending.spent("d", NOON) == 9
    assert spending.spent("d", NOON - EARLIER) == 2
    assert spending.spent("m", NOON) == 11
    assert spending.spent("t", NOON) == 11


@pytest.mark.rule("L1")
def test_a_day_is_the_zones(spending: Spending) -> None:
    spending.budget("utc", "day", "10.00")
    spending.budget("apia", "day", "10.00", zone="Pacific/Apia")
    spending.spend(3, at=NOON - 2 * HOUR)
    spending.spend(4)
    assert spending.spent("utc", NOON) == 7
    assert spending.spent("apia", NOON) == 4  # its day began at 11:00 UTC


@pytest.mark.rule("L1")
def test_a_window_that_begins_has_nothing_spent_and_the_old_one_keeps_its_figure(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    spending.ledger.wait(DAY)
    assert spending.spent("d", spending.ledger.now) == 0
    spending.spend(1)
    assert (spending.spent("d", NOON), spending.spent("d", NOON + DAY)) == (9, 1)


@pytest.mark.rule("L1")
def test_only_usage_counts(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.ledger.given(GrantCredits("acc", "5.00", "promo", "a gift"))
    assert spending.spent("d", NOON) == 0


@pytest.mark.rule("L1")
def test_a_workspaces_budget_counts_that_workspace_alone(spending: Spending) -> None:
    spending.budget("mine", "day", "10.00", scope="workspace", scope_value="ws")
    spending.budget("other", "day", "10.00", scope="workspace", scope_value="elsewhere")
    spending.spend(3)
    assert (spending.spent("mine", NOON), spending.spent("other", NOON)) == (3, 0)


@pytest.mark.rule("L1")
def test_a_new_limit_forgets_nothing_that_was_spent(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    spending.budget("d", "day", "20.00", enforcement="soft")
    assert spending.spent("d", NOON) == 9


@pytest.mark.rule("L1")
def test_a_budget_set_in_the_middle_of_a_window_counts_what_was_spent_in_it_before(spending: Spending) -> None:
    spending.spend(1, at=NOON - 2 * HOUR)
    spending.spend(2, at=NOON - DAY)
    spending.spend(4, model="acme/new")
    spending.spend(8)
    corrected(spending.ledger, "call-4", usage={"input_tokens": 7_000_000})
    rate_suspended(spending)
    for window, zone in (("day", "UTC"), ("day", "Pacific/Apia"), ("month", "UTC"), ("total", "UTC")):
        spending.budget(f"{window} {zone}"[:9].replace(" ", "-"), window, "100.00", zone=zone)
    spent = {budget_id: spending.spent(budget_id, NOON) for budget_id in spending.account().limits.budgets}
    assert spent == {"day-UTC": 12, "day-Pacif": 11, "month-UTC": 14, "total-UTC": 14}
    assert spending.alerts() == []
    spending.spend(1)
    assert spending.spent("day-UTC", NOON) == 13


@pytest.mark.rule("L1")
def test_a_budget_of_something_else_counts_that_from_the_beginning_of_its_window(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    spending.spend(3, attributed_to={"user": "u1"})
    spending.budget("d", "day", "10.00", scope="user", scope_value="u1")
    assert spending.spent("d", NOON) == 3


def test_where_too_much_was_used_before_the_budget_counts_from_now_on_and_says_so(
    spending: Spending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_usage, "LINES_MAX", 2)
    for _ in range(3):
        spending.spend(1)
    at = spending.ledger.now
    spending.budget("d", "day", "10.00")
    assert spending.account().limits.budgets["d"].counted_from == at
    spending.spend(1)
    assert spending.spent("d", NOON) == 1


def rate_suspended(spending: Spending) -> None:
    """A price for what had none: a dollar a million tokens."""
    spending.ledger.given(price("acme/new", "new-1", {"input": "1"}, effective_from=0), tenant="platform")
    ReactorInMemory(spending.ledger.store, spending.ledger.clock).react()


def test_windows_that_can_no_longer_matter_are_dropped(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    for _ in range(60):
        spending.spend(0.01)
        spending.ledger.wait(DAY)
    assert len(spending.account().limits.budgets["d"].windows) <= 37


def test_an_account_without_budgets_counts_nothing(spending: Spending) -> None:
    spending.spend(9)
    assert spending.account().limits.budgets == {}


@pytest.mark.rule("L1")
def test_the_event_says_what_was_spent_of_each_budget_it_counts_in(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.budget("other", "day", "10.00", scope="user", scope_value="usr-9")
    spending.spend(3)
    spending.spend(1)
    (first, second) = [event.budgets for event in spending.recorded(UsageRecorded)]
    start = NOON - DAY // 2
    assert first == (BudgetSpend("d", start, start + DAY, 3 * USD),)
    assert second == (BudgetSpend("d", start, start + DAY, 4 * USD),)


def test_an_event_of_very_many_windows_is_not_too_large(spending: Spending) -> None:
    for number in range(24):
        spending.budget(f"{number:02}{'x' * 126}", "day", "10.00")
    items = [{"id": f"a{n}", "occurred_at": NOON - n % 35 * DAY, "usage": {"input_tokens": 1}} for n in range(1_000)]
    send(spending.ledger, *items)
    assert max(spending.ledger.sizes(ACCOUNT)) < 256 * 1024
    assert len(spending.account().limits.budgets["00" + "x" * 126].windows) == 35


def test_snapshots_keep_what_was_counted(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    account = spending.account()
    assert Account.restore(account.snapshot(), account.version) == account


instants = st.integers(min_value=NOON - 34 * DAY, max_value=NOON)
amounts = st.integers(min_value=0, max_value=10**12)


@pytest.mark.rule("L1")
@settings(max_examples=60)
@given(
    st.sampled_from(["day", "week", "month", "total"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia"]),
    st.lists(st.lists(st.tuples(instants, amounts), max_size=5), max_size=8),
)
def test_in_whatever_order_and_batches_it_comes_the_sum_is_the_same(
    kind: str, zone: str, batches: list[list[tuple[int, int]]]
) -> None:
    budget = Budget("b", "account", None, kind, zone, 0, "soft", (), 0)  # type: ignore[arg-type]
    for batch in batches:
        for spend in budget.spend_after([Spent(at, amount, Spender(None, None)) for at, amount in batch], NOON):
            budget.count(spend, NOON)
    for at, _ in [each for batch in batches for each in batch]:
        window = window_of(kind, zone, at)  # type: ignore[arg-type]
        expected = sum(amount for batch in batches for t, amount in batch if window.start <= t < window.end)
        assert budget.spend_at(at) == expected


@pytest.mark.rule("L1")
@pytest.mark.rule("U14")
def test_scoped_budgets_count_what_is_attributed_to_them(spending: Spending) -> None:
    for scope, value in (("user", "u1"), ("team", "t1"), ("key", "k1"), ("workspace", "desk"), ("workspace", "ws")):
        spending.budget(f"{scope}-{value}", "day", "10.00", scope=scope, scope_value=value)
    spending.spend(1, attributed_to={"user": "u1", "team": "t1"})
    spending.spend(2, attributed_to={"key": "k1", "user": "u2", "workspace": "desk"})
    spending.spend(4)
    spent = {budget_id: spending.spent(budget_id, NOON) for budget_id in spending.account().limits.budgets}
    assert spent == {"user-u1": 1, "team-t1": 1, "key-k1": 2, "workspace-desk": 2, "workspace-ws": 5}


@pytest.mark.rule("L1")
@pytest.mark.rule("U16")
def test_a_correction_counts_in_the_window_in_which_the_usage_occurred(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    spending.ledger.wait(DAY)
    corrected(spending.ledger, "call-1", usage={"input_tokens": 2_000_000})
    assert (spending.spent("d", NOON), spending.spent("d", NOON + DAY)) == (2, 0)
    corrected(spending.ledger, "call-1", usage={"input_tokens": 3_000_000})
    assert spending.spent("d", NOON) == 3
    corrected(spending.ledger, "call-1", void=True)
    assert spending.spent("d", NOON) == 0


@pytest.mark.rule("L1")
@pytest.mark.rule("U16")
def test_a_correction_of_usage_that_the_budget_did_not_count_makes_no_room_in_it(
    spending: Spending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_usage, "LINES_MAX", 0)
    spending.spend(9)
    spending.budget("d", "day", "10.00")
    spending.spend(3)
    corrected(spending.ledger, "call-1", usage={"input_tokens": 2_000_000})
    assert spending.spent("d", NOON) == 3
    corrected(spending.ledger, "call-2", void=True)
    corrected(spending.ledger, "call-1", void=True)
    assert spending.spent("d", NOON) == 0
