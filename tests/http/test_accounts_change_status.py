"""Accounts are suspended, opened again and closed over HTTP, and everybody who reads them sees it (A3, A4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from http_door.client import Api

STATUS = "/v1/accounts/main/status"


@pytest.fixture
def seen(owner: Api, views: Callable[[], None]) -> Callable[[], str]:
    """The status that a reader of the balance sees."""

    def look() -> str:
        views()
        return owner.get("/v1/accounts/main/balance").json()["status"]

    return look


@pytest.fixture
def empty(owner: Api) -> str:
    """An account that nothing ever happened to."""
    owner.accepted("/v1/accounts", {"account_id": "main", "owner_kind": "org", "currency": "USD"})
    return "main"


def change(owner: Api, status: str, reason: str = "manual") -> tuple[int, dict]:
    response = owner.put(STATUS, {"status": status, "reason": reason})
    return response.status_code, response.json()


@pytest.mark.rule("A3")
def test_it_is_suspended_while_a_reason_is_left(owner, account, seen):
    status, answer = change(owner, "suspended")
    assert (status, answer["status"], answer["reasons"]) == (200, "suspended", ["manual"])
    change(owner, "suspended", "abuse")
    assert change(owner, "open")[1]["reasons"] == ["abuse"]
    assert seen() == "suspended"
    assert change(owner, "open", "abuse")[1]["status"] == "open"
    assert seen() == "open"


@pytest.mark.rule("A3")
def test_the_same_reason_again_and_one_that_is_none_change_nothing(owner, account):
    first = change(owner, "suspended")[1]
    assert change(owner, "suspended")[1]["version"] == first["version"]
    assert change(owner, "open", "never said")[1]["version"] == first["version"]


def test_there_are_only_so_many_reasons(owner, account):
    statuses = [change(owner, "suspended", f"reason {number}")[0] for number in range(32)]
    assert set(statuses) == {200}
    code, problem = change(owner, "suspended", "one more")
    assert (code, problem["code"]) == (409, "too_many_reasons")
    assert len(change(owner, "open", "reason 0")[1]["reasons"]) == 31


@pytest.mark.rule("A3")
def test_a_closed_account_is_closed_for_good(owner, empty, seen):
    assert change(owner, "closed")[1]["status"] == "closed"
    assert seen() == "closed"
    for status in ("open", "suspended", "closed"):
        code, problem = change(owner, status)
        assert (code, problem["code"]) == (403, "account_closed")
    assert seen() == "closed"


@pytest.mark.rule("A3")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("purchases", {"amount": "1.00", "payment_ref": "p2"}),
        ("grants", {"amount": "1.00", "kind": "promo", "reason": "r"}),
        ("allowances", {"plan": "team", "period": "2999-01", "amount": "1.00", "rollover": "none"}),
        (
            "journal",
            {
                "lines": [
                    {"account_code": 1000, "side": "debit", "amount": "1"},
                    {"account_code": 3000, "side": "credit", "amount": "1"},
                ],
                "reason": "r",
            },
        ),
    ],
)
def test_a_closed_account_takes_no_credit(owner, empty, views, path, body):
    change(owner, "closed")
    response = owner.post(f"/v1/accounts/main/{path}", body)
    assert (response.status_code, response.json()["code"]) == (403, "account_closed")
    views()
    assert owner.get("/v1/accounts/main/entries").json()["items"] == []


@pytest.mark.rule("A4")
def test_an_account_with_something_open_is_not_closed_and_says_what(owner, account, seen):
    code, problem = change(owner, "closed")
    assert (code, problem["code"], problem["reasons"]) == (409, "account_not_settled", ["balance"])
    assert seen() == "open"


@pytest.mark.rule("A4")
def test_reasons_come_in_their_order(owner, workspace, seen):
    owner.accepted("/v1/accounts/main/holds", {"hold_id": "h1", "workspace_id": "ws", "amount": "1.00"})
    owner.accepted("/v1/accounts/main/disputes", {"dispute_id": "d1", "payment_ref": "pay-1", "amount": "1.00"})
    assert change(owner, "closed")[1]["reasons"] == ["balance", "hold", "dispute"]
    assert seen() == "suspended"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"status": "asleep", "reason": "r"}, "invalid_value", "/status"),
        ({"status": "open"}, "missing_reason", "/reason"),
        ({"status": "open", "reason": ""}, "invalid_value", "/reason"),
    ],
)
def test_what_is_no_status_is_told(owner, account, body, code, pointer):
    response = owner.put(STATUS, body)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"], error["pointer"]) == (422, code, pointer)


@pytest.mark.rule("A5")
def test_an_unknown_account_is_not_found(owner):
    code, problem = change(owner, "suspended")
    assert (code, problem["code"]) == (404, "account_not_found")
