"""What waits for a price, is in quarantine, contradicts or was refused is listed to whom it belongs."""

from __future__ import annotations

from uuid import uuid4

import pytest

from http_door.usage import item


@pytest.fixture
def everything(owner, workspace, model, views):
    """Usage without a price, usage in quarantine twice, a conflict, a refusal. Answers the model without a price."""
    unpriced = f"unpriced-{uuid4().hex[:8]}"
    cost = {"amount": "0.5", "currency": "USD"}
    owner.record(item(unpriced, id="suspended", reported_cost=cost))
    owner.record(item(model, id="waiting", workspace_id="nobody", reported_cost=cost))
    owner.record(item(model, id="rejected", usage={"unheard_of": 1}))
    owner.record(item(model, id="taken"))
    owner.record(item(model, id="taken", usage={"input_tokens": 77}))
    owner.post("/v1/accounts", {"account_id": "main", "owner_kind": "org", "currency": "USD"}, key="again")
    views()
    return unpriced


def only(api, path, **query):
    answer = api.get(path, **query).json()
    (found,) = answer["items"]
    return found, answer


@pytest.mark.rule("U12")
def test_suspense_names_the_line_why_it_waits_since_when_and_what_is_at_risk(owner, everything):
    line, answer = only(owner, "/v1/suspense")
    assert (line["attempt_id"], line["model"], line["reason"]) == ("suspended", everything, "no_price")
    assert (line["account_id"], line["workspace_id"], line["source"]) == ("main", "ws", "gateway")
    assert (line["amount_at_risk"], line["currency"]) == ("0.50", "USD")
    assert line["age_s"] >= 0
    assert line["since"] <= answer["as_of"]["recorded_at"]
    assert (answer["next"], answer["incomplete"]) == (None, False)


@pytest.mark.rule("U5")
def test_quarantine_has_what_waits_and_what_was_rejected_as_it_was_sent(owner, everything):
    rejected, waiting = owner.get("/v1/quarantine").json()["items"]
    assert (rejected["attempt_id"], rejected["disposition"], rejected["reason"]) == (
        "rejected",
        "rejected",
        "unknown_unit",
    )
    assert rejected["item"]["usage"] == {"unheard_of": 1}
    assert (waiting["disposition"], waiting["reason"]) == ("waiting", "workspace_not_found")
    assert (waiting["amount_at_risk"], waiting["currency"], rejected["amount_at_risk"]) == ("0.50", "USD", None)


def test_what_an_operator_decided_about_is_no_longer_in_quarantine(admin, tenant, owner, everything, views):
    decided = admin.accepted("/v1/quarantine/waiting/discard", {"reason": "a test"}, tenant=tenant)
    views()
    left, answer = only(owner, "/v1/quarantine", wait_for=decided["position"])
    assert left["attempt_id"] == "rejected"
    assert answer["as_of"]["position"] == decided["position"]


def test_quarantine_can_be_asked_for_a_disposition(owner, everything):
    assert only(owner, "/v1/quarantine", disposition="waiting")[0]["attempt_id"] == "waiting"


@pytest.mark.rule("U3")
def test_conflicts_show_what_came_later_beside_what_was_taken(owner, everything):
    conflict, _ = only(owner, "/v1/conflicts")
    assert (conflict["attempt_id"], conflict["reason"], conflict["workspace_id"]) == ("taken", "conflict", "ws")
    assert conflict["first_content"] != conflict["second_content"]
    assert '"input_tokens":77' in conflict["raw"]


@pytest.mark.rule("U2")
def test_refusals_show_the_command_the_code_and_who_asked(owner, everything):
    refused, _ = only(owner, "/v1/refusals")
    assert (refused["command"], refused["code"], refused["command_id"]) == ("OpenAccount", "account_exists", "again")
    assert refused["actor"] == {"kind": "service_key", "id": owner.key_id}
    found = owner.get(f"/v1/commands/gateway/{refused['command_id']}").json()
    assert (found["outcome"], found["code"]) == ("refused", "account_exists")
    assert owner.get("/v1/refusals", code="payment_conflict").json()["items"] == []


@pytest.mark.parametrize("path", ["/v1/suspense", "/v1/quarantine", "/v1/conflicts", "/v1/refusals"])
def test_a_cursor_of_another_list_and_a_position_of_another_shard_are_refused(owner, everything, path):
    assert owner.get(path, after="bm9uZQ").json()["code"] == "invalid_value"
    shard = owner.get(path).json()["as_of"]["position"].partition("-")[0]
    assert owner.get(path, wait_for=f"{(int(shard) + 1) % 4}-1").json()["code"] == "wrong_shard"


@pytest.mark.parametrize(
    ("path", "of_workspace", "of_account"),
    [
        ("/v1/suspense", ["suspended"], ["suspended"]),
        ("/v1/quarantine", ["rejected"], None),
        ("/v1/conflicts", ["taken"], None),
        ("/v1/refusals", None, None),
    ],
)
def test_a_restricted_key_sees_what_is_of_its_account_or_workspace_only(
    key_of, everything, path, of_workspace, of_account
):
    for api, expected in (
        (key_of("read", source="s", workspace_id="ws"), of_workspace),
        (key_of("read", source="s", account_id="main"), of_account),
    ):
        answer = api.get(path)
        if expected is None:
            assert (answer.status_code, answer.json()["code"]) == (403, "key_scope")
        else:
            assert [found["attempt_id"] for found in answer.json()["items"]] == expected


def test_a_restricted_key_cannot_ask_for_another_workspace(key_of, everything):
    api = key_of("read", source="s", workspace_id="ws")
    for path in ("/v1/suspense", "/v1/quarantine", "/v1/conflicts"):
        assert api.get(path, workspace_id="nobody").json()["code"] == "key_scope"
