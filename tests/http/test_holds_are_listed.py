"""Holds over HTTP: the open ones with their age, the others with what became of them, and all of them together."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.rule("H11")


@pytest.fixture
def three(owner, workspace, views):
    """One is open, one was settled at 0.30 beyond its 1.00, one released."""
    for hold_id, amount in (("open", "0.50"), ("settled", "1.00"), ("released", "0.25")):
        owner.accepted("/v1/accounts/main/holds", {"hold_id": hold_id, "workspace_id": workspace, "amount": amount})
    owner.accepted("/v1/holds/settled/settle", {"amount": "1.30"})
    owner.accepted("/v1/holds/released/release", {})
    views()


def figures(hold):
    return hold["state"], hold["amount"], hold["held"], hold["captured"], hold["overage"], hold["released"]


def test_every_hold_says_what_became_of_it(owner, three):
    answer = owner.get("/v1/holds").json()
    assert {hold["hold_id"]: figures(hold) for hold in answer["items"]} == {
        "open": ("open", "0.50", "0.50", "0.00", "0.00", "0.00"),
        "settled": ("settled", "1.00", "0.00", "1.30", "0.30", "0.00"),
        "released": ("released", "0.25", "0.00", "0.00", "0.00", "0.25"),
    }
    assert [hold["hold_id"] for hold in answer["items"]] == ["released", "settled", "open"]
    (totals,) = answer["totals"]
    assert (totals["placed"], totals["open"], totals["held"], totals["overage"]) == (3, 1, "0.50", "0.30")


def test_an_open_hold_has_an_age_and_an_end(owner, three):
    (hold,) = owner.get("/v1/holds", state="open", account_id="main").json()["items"]
    assert hold["age_s"] >= 0
    assert hold["placed_at"] < hold["expires_at"]
    assert (hold["closed_at"], hold["payer_reason"], hold["mode"]) == (None, "pinned", "platform_managed")


def test_one_hold_is_found_by_its_id(owner, three):
    hold = owner.get("/v1/holds/settled").json()
    assert figures(hold) == ("settled", "1.00", "0.00", "1.30", "0.30", "0.00")
    missing = owner.get("/v1/holds/ghost")
    assert (missing.status_code, missing.json()["code"]) == (404, "hold_not_found")


def test_a_key_of_another_account_or_workspace_sees_none(key_of, owner, three):
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/workspaces", {"workspace_id": "else", "account_id": "other"})
    for restriction in ({"account_id": "other"}, {"workspace_id": "else"}):
        other = key_of("read", source="s", **restriction)
        assert other.get("/v1/holds").json()["items"] == []
        assert other.get("/v1/holds/open").json()["code"] == "key_scope"
        assert other.get("/v1/holds", account_id="main", workspace_id="ws").json()["code"] == "key_scope"


def test_a_key_of_one_workspace_is_not_told_what_all_hold(key_of, three):
    of_workspace = key_of("read", source="s", workspace_id="ws").get("/v1/holds").json()
    assert (len(of_workspace["items"]), of_workspace["totals"]) == (3, None)
