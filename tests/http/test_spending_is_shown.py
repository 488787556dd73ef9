"""What each member used, in which hours, and what an account ever spent: over HTTP, to whom it belongs."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from http_door.usage import item


@pytest.fixture
def used(admin, tenant, owner, workspace, model, views):
    """Two calls of 0.006 each, and a fee of 0.50."""
    owner.record(item(model), item(model))
    owner.accepted("/v1/accounts/main/fees", {"fee": "storage", "period": "2026-05", "amount": "0.50"})
    views()


def test_usage_that_nobody_is_named_for_is_the_members_last_row(owner, used):
    answer = owner.get("/v1/member-usage").json()
    assert answer["items"] == [{"user": None, "lines": 2, "charged": "0.012", "currency": "USD"}]
    assert (answer["next"], answer["incomplete"]) == (None, False)


@pytest.mark.parametrize("query", [{"account_id": "other"}, {"workspace_id": "other"}, {"to": "2020-01-01"}])
def test_member_usage_is_of_what_was_asked_for(owner, used, query):
    assert owner.get("/v1/member-usage", **query).json()["items"] == []


@pytest.mark.rule("C15")
def test_lifetime_spend_is_usage_and_fees(owner, used):
    spent = owner.get("/v1/accounts/main/lifetime-spend").json()
    assert (spent["amount"], spent["usage"], spent["fees"], spent["currency"]) == ("0.512", "0.012", "0.50", "USD")


@pytest.mark.rule("A5")
def test_lifetime_spend_of_an_unknown_account_is_not_found(owner, used):
    missing = owner.get("/v1/accounts/ghost/lifetime-spend")
    assert (missing.status_code, missing.json()["code"]) == (404, "account_not_found")


def test_a_key_of_another_account_sees_neither(key_of, owner, used):
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    other = key_of("read", account_id="other", source="s")
    assert other.get("/v1/accounts/main/lifetime-spend").json()["code"] == "key_scope"
    assert other.get("/v1/member-usage").json()["items"] == []
    assert other.get("/v1/member-usage", account_id="main").json()["code"] == "key_scope"


def test_a_summary_by_hour_names_the_hour_in_which_it_occurred(owner, workspace, model, views):
    now = datetime.now(UTC)
    owner.record(item(model, occurred_at=now.isoformat()))
    views()
    (total,) = owner.get("/v1/usage/summary", group_by="hour,user,key").json()["items"]
    assert (total["hour"], total["user"], total["key"]) == (f"{now:%Y-%m-%dT%H:00:00Z}", "", "")


@pytest.mark.rule("J5")
def test_the_figures_of_accounts_reconcile_with_their_lines(owner, used):
    answer = owner.get("/v1/reconciliation").json()
    assert (answer["reconciled"], answer["items"]) == (True, [])


@pytest.fixture
def wrong_figure(used, http_database, tenant):
    """The view says that 1.50 more is unbilled than there is, while the test runs."""
    change = "UPDATE views.account_balances SET unbilled = unbilled + %s WHERE tenant = %s"
    with psycopg.connect(http_database, autocommit=True) as connection:
        connection.execute(change, (1_500_000_000, tenant))
        yield
        connection.execute(change, (-1_500_000_000, tenant))


def test_a_difference_is_told_with_both_sides(owner, wrong_figure):
    answer = owner.get("/v1/reconciliation", account_id="main").json()
    assert not answer["reconciled"]
    (found,) = answer["items"]
    assert (found["account_id"], found["figure"], found["currency"]) == ("main", "unbilled", "USD")
    assert (found["lines"], found["stored"], found["difference"]) == ("0.00", "1.50", "1.50")


def test_a_key_of_one_workspace_cannot_reconcile_accounts(key_of, used):
    restricted = key_of("read", workspace_id="ws", source="s")
    assert restricted.get("/v1/reconciliation").json()["code"] == "key_scope"
