"""One attempt is found by its id alone, whoever's it is: a key's, its own, a topic's; several are told apart (U3)."""

from __future__ import annotations

import msgspec
import pytest

from http_door.running import RunningDoor
from http_door.usage import item
from usage_ledger.recorded_event import Actor
from usage_ledger.submission import Submission
from usage_ledger.usage.attempt import prepare
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.item import UsageItem

pytestmark = pytest.mark.rule("U3")

REASON = {"reason": "a test"}


def record_from_a_topic(door: RunningDoor, tenant: str, source: str, sent: dict) -> None:
    """What the Kafka door hands in: the source is the topic's, no key has it."""
    attempt = prepare(msgspec.convert(sent, UsageItem, strict=False), tenant, source)
    command = RecordUsage((attempt,))
    submitted = Submission(command, tenant, source, sent["id"], Actor("service_key", "topic"), "test", None)
    (future,) = door.appender.submit([submitted])
    assert future.result(timeout=30).outcome == "accepted"


def test_an_item_that_names_its_own_source_is_found_by_its_id(owner, workspace, model):
    owner.record(item(model, id="a1", source="own-source"))
    found = owner.get("/v1/usage/a1")
    assert (found.status_code, found.json()["source"]) == (200, "own-source")


def test_an_item_of_a_topics_source_is_found_by_its_id(door, tenant, owner, workspace, model):
    record_from_a_topic(door, tenant, "topic-source", item(model, id="a1"))
    found = owner.get("/v1/usage/a1")
    assert (found.status_code, found.json()["source"]) == (200, "topic-source")


def test_an_item_that_an_admin_sent_for_the_tenant_is_found_by_its_id(admin, tenant, owner, workspace, model):
    admin.accepted("/v1/usage", item(model, id="a1"), tenant=tenant)
    assert owner.get("/v1/usage/a1").status_code == 200


def test_of_several_sources_all_are_named_and_one_can_be_asked_for(owner, workspace, model):
    owner.record(item(model, id="a1"), item(model, id="a1", source="first"), item(model, id="a1", source="second"))
    ambiguous = owner.get("/v1/usage/a1")
    assert (ambiguous.status_code, ambiguous.json()["code"]) == (409, "ambiguous_usage_id")
    assert ambiguous.json()["sources"] == ["first", "gateway", "second"]
    assert owner.get("/v1/usage/a1", source="second").json()["source"] == "second"


def test_another_tenants_source_of_the_same_id_is_not_found(key_of, owner, workspace, model):
    owner.record(item(model, id="a1", source="own-source"))
    stranger = key_of("read", source="elsewhere", of="stranger-to-sources")
    assert stranger.get("/v1/usage/a1").json()["code"] == "attempt_not_found"


@pytest.mark.parametrize(
    "sent", [{"workspace_id": "nobody"}, {"usage": {"unheard_of": 1}}], ids=["waiting", "rejected"]
)
def test_what_is_in_quarantine_under_its_own_source_is_decided_by_its_id(admin, tenant, owner, workspace, model, sent):
    owner.record(item(model, id="a1", source="own-source", **sent))
    decided = admin.accepted("/v1/quarantine/a1/discard", REASON, tenant=tenant)
    assert decided["source"] == "own-source"


def test_a_rejected_item_that_named_a_source_does_not_make_a_taken_one_ambiguous(owner, workspace, model):
    owner.record(item(model, id="a1"))
    owner.record(item(model, id="a1", source="own-source", usage={"unheard_of": 1}))
    assert owner.get("/v1/usage/a1").json()["source"] == "gateway"
