"""Sent again, delivered again, sent through both doors: it happens once. What is sent in order is decided in order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from http_door.client import Api
from kafka_door.gateway import Gateway, micros
from usage_ledger_schemas import codec, frames

OPENING = {"account_id": "main", "owner_kind": "org", "currency": "USD"}
NOW = datetime.now(UTC)


def usage_item(attempt: str, **fields: Any) -> dict[str, Any]:
    usual = {"workspace_id": "ws", "occurred_at": micros(NOW), "model": "m", "usage": {"input_tokens": 10}}
    return {"id": attempt, **usual, **fields}


@pytest.fixture
def events_of(owner):
    def names(tenant: str) -> list[str]:
        rows = owner.execute(
            "SELECT fingerprint FROM ledger.events WHERE starts_with(stream_id, %s) ORDER BY position", (f"{tenant}/",)
        )
        return [codec.name_of(fingerprint) for (fingerprint,) in rows]

    return names


@pytest.mark.rule("U1")
def test_a_command_that_is_sent_again_has_its_first_outcome_again(gateway: Gateway, topic, tenant, events_of):
    for _ in range(2):
        gateway.send(topic("gateway"), tenant, "OpenAccount", OPENING, "open")
    first, again = gateway.outcomes(tenant, "open", 2)
    assert (first["outcome"], first["replayed"], again["replayed"]) == ("accepted", False, True)
    assert {**again, "replayed": False} == first
    assert events_of(tenant) == ["AccountOpened"]


@pytest.mark.rule("U1")
def test_an_id_that_was_used_for_another_payload_is_a_conflict(gateway, topic, tenant):
    gateway.ask(topic("gateway"), tenant, "OpenAccount", OPENING, "c")
    gateway.send(topic("gateway"), tenant, "OpenAccount", {**OPENING, "account_id": "other"}, "c")
    conflict = gateway.outcomes(tenant, "c", 2)[1]
    assert (conflict["outcome"], conflict["code"]) == ("refused", "idempotency_conflict")


def test_the_time_of_sending_is_no_part_of_the_command(gateway, topic, tenant):
    for sent_at in (1, 2):
        frame = frames.command_frame("OpenAccount", OPENING, command_id="c", tenant=tenant, sent_at=sent_at)
        gateway.put(topic("gateway"), frame)
    assert [each["replayed"] for each in gateway.outcomes(tenant, "c", 2)] == [False, True]


def test_the_same_id_of_another_source_is_unrelated(gateway, topic, tenant):
    gateway.ask(topic("gateway"), tenant, "OpenAccount", OPENING, "c")
    gateway.send(topic("platform"), tenant, "OpenAccount", {**OPENING, "account_id": "other"}, "c")
    other = gateway.outcomes(tenant, "c", 2)[1]
    assert (other["source"], other["outcome"], other["replayed"]) == ("operations", "accepted", False)


@pytest.mark.rule("U2")
def test_a_refusal_by_rule_is_frozen_under_its_id(gateway, topic, tenant):
    purchase = {"account_id": "main", "amount": "1", "payment_ref": "p"}
    assert gateway.ask(topic("gateway"), tenant, "RecordPurchase", purchase, "early")["code"] == "account_not_found"
    gateway.ask(topic("gateway"), tenant, "OpenAccount", OPENING)
    gateway.send(topic("gateway"), tenant, "RecordPurchase", purchase, "early")
    again = gateway.outcomes(tenant, "early", 2)[1]
    assert (again["code"], again["replayed"]) == ("account_not_found", True)


@pytest.mark.rule("U3")
def test_an_attempt_that_came_through_the_other_door_is_a_duplicate(gateway, topic, tenant, admin, url):
    """The source names the gateway, not the channel."""
    issued = admin.accepted("/v1/keys", {"scopes": ["usage"], "source": "gateway"}, tenant=tenant)
    sent = usage_item("a1")
    with Api(url, issued["secret"]) as api:
        assert api.record({**sent, "occurred_at": NOW.isoformat()})[0]["status"] == "quarantined"
    (item,) = gateway.ask(topic("gateway"), tenant, "RecordUsage", {"items": [sent]})["items"]
    assert item["status"] == "duplicate"


def test_a_lost_outcome_can_be_looked_up_over_http(gateway, topic, tenant, admin, url):
    command_id = gateway.send(topic("gateway"), tenant, "OpenAccount", OPENING)
    gateway.outcome(tenant, command_id)
    issued = admin.accepted("/v1/keys", {"scopes": ["read"], "source": "s"}, tenant=tenant)
    with Api(url, issued["secret"]) as api:
        found = api.get(f"/v1/commands/gateway/{command_id}").json()
    assert (found["outcome"], found["answer"]["account_id"]) == ("accepted", "main")


def test_commands_with_one_key_are_decided_in_the_order_in_which_they_were_sent(gateway, topic, tenant, events_of):
    """Each needs the one before it."""
    grants = [
        ("GrantCredits", {"account_id": "main", "amount": "1", "kind": "promo", "reason": str(n)}) for n in range(40)
    ]
    commands = [
        ("OpenAccount", OPENING),
        ("RecordPurchase", {"account_id": "main", "amount": "5", "payment_ref": "p"}),
        ("RegisterWorkspace", {"workspace_id": "ws", "account_id": "main"}),
        *grants,
        ("ChangeBillingMode", {"workspace_id": "ws", "mode": "platform_managed", "reason": "test"}),
        ("RecordUsage", {"items": [usage_item("a1", occurred_at=micros(datetime.now(UTC)))]}),
    ]
    framed = [
        frames.command_frame(name, command, command_id=str(number), tenant=tenant, sent_at=0)
        for number, (name, command) in enumerate(commands)
    ]
    gateway.put_all(topic("gateway"), framed, key=tenant)
    assert {gateway.outcome(tenant, str(number))["outcome"] for number in range(len(commands))} == {"accepted"}
    assert events_of(tenant)[3:] == ["PayerPinned", *["CreditsGranted"] * 40, "BillingOverrideSet", "UsageRecorded"]


def test_a_command_may_hold_items_of_many_tenants_each_with_its_own_answer(gateway, topic, tenant, events_of):
    others = [f"{tenant}-{n}" for n in range(3)]
    gateway.ask(topic("gateway"), others[0], "OpenAccount", OPENING)
    gateway.ask(topic("gateway"), others[0], "RegisterWorkspace", {"workspace_id": "ws", "account_id": "main"})
    items = [
        usage_item("a1", tenant=others[0], occurred_at=micros(datetime.now(UTC))),
        usage_item("a2", tenant=others[1]),
        usage_item("a3"),
        usage_item("a4", tenant=others[0], usage={"nonsense": 1}),
        usage_item("a5", tenant=others[2]),
    ]
    told = gateway.ask(topic("gateway"), tenant, "RecordUsage", {"items": items}, "batch")
    assert told["outcome"] == "accepted"
    assert [each["id"] for each in told["items"]] == ["a1", "a2", "a3", "a4", "a5"]
    statuses = [each["status"] for each in told["items"]]
    assert statuses == ["accepted", "quarantined", "quarantined", "rejected", "quarantined"]
    assert [events_of(each) for each in (others[1], tenant)] == [["UsageQuarantined"]] * 2
    shards = [position.split("-")[0] for position in told["positions"]]
    assert shards == sorted(set(shards))
    gateway.send(topic("gateway"), tenant, "RecordUsage", {"items": items}, "batch")
    again = gateway.outcomes(tenant, "batch", 2)[1]
    assert (again["replayed"], again["items"]) == (True, told["items"])


def test_a_part_of_a_command_that_conflicts_leaves_the_others_their_answers(gateway, topic, tenant):
    other = f"{tenant}-other"
    gateway.ask(topic("gateway"), other, "OpenAccount", OPENING, "c")
    items = [usage_item("a1", tenant=other), usage_item("a2")]
    told = gateway.ask(topic("gateway"), tenant, "RecordUsage", {"items": items}, "c")
    assert told["outcome"] == "accepted"
    assert [(each["status"], each["code"]) for each in told["items"]] == [
        ("conflict", "idempotency_conflict"),
        ("quarantined", "workspace_not_found"),
    ]


def test_all_or_none_is_for_one_tenant(gateway, topic, tenant):
    items = [usage_item("a1"), usage_item("a2", tenant=f"{tenant}-other")]
    told = gateway.ask(topic("gateway"), tenant, "RecordUsage", {"items": items, "atomic": True})
    assert (told["outcome"], told["code"], told["pointer"]) == ("refused", "invalid_value", "/atomic")


def test_a_version_conflict_tells_the_version_and_is_not_frozen(gateway, topic, tenant):
    gateway.ask(topic("gateway"), tenant, "RegisterWorkspace", {"workspace_id": "ws"})
    select = {"workspace_id": "ws", "model": "m", "expected_version": 2}
    conflict = gateway.ask(topic("gateway"), tenant, "SelectModel", select, "s")
    assert (conflict["code"], conflict["facts"]) == ("version_conflict", {"current_version": "1"})
    gateway.ask(topic("gateway"), tenant, "SelectModel", {"workspace_id": "ws", "model": "x"})
    gateway.send(topic("gateway"), tenant, "SelectModel", select, "s")
    assert gateway.outcomes(tenant, "s", 2)[1]["outcome"] == "accepted"
