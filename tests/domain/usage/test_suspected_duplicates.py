"""One provider response under two attempt ids is charged twice and listed, for somebody to look at (U3)."""

from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal
from usage_ledger.usage.events import UsageConflict, UsageConflictNoted
from usage_ledger.workspaces.commands import RegisterWorkspace

from .items import attempt
from .metered_ledger import QUARANTINE, record, send

RESPONSE = {"provider": "acme", "provider_response_id": "chatcmpl-1"}


def noted(ledger: Rehearsal) -> list[UsageConflict]:
    events = [event for event in ledger.events(QUARANTINE) if isinstance(event, UsageConflictNoted)]
    return [conflict for event in events for conflict in event.conflicts]


@pytest.mark.rule("U3")
def test_the_second_attempt_of_a_response_is_charged_and_listed(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"} | RESPONSE)
    (answer,) = record(ledger, {"id": "a2"} | RESPONSE)
    assert (answer["status"], answer["charged"]) == ("accepted", "1.00")
    (conflict,) = noted(ledger)
    assert (conflict.attempt_id, conflict.kind) == ("a2", "suspected_duplicate")
    assert conflict.first_content == attempt(id="a1").key


@pytest.mark.rule("U3")
def test_two_attempts_of_one_response_in_one_command_are_suspected_too(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"} | RESPONSE, {"id": "a2"} | RESPONSE, {"id": "a3"} | RESPONSE)
    assert [conflict.attempt_id for conflict in noted(ledger)] == ["a2", "a3"]


def test_a_retry_of_the_same_attempt_is_a_duplicate_and_not_suspected(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"} | RESPONSE)
    (answer,) = record(ledger, {"id": "a1"} | RESPONSE)
    assert answer["status"] == "duplicate"
    assert noted(ledger) == []


@pytest.mark.parametrize(
    "other",
    [{"provider": "globex"}, {"provider_response_id": "chatcmpl-2"}, {"operation": "poll"}, {"operation": "fetch"}],
)
def test_another_response_is_not_suspected_nor_is_fetching_it_again(ledger: Rehearsal, other: dict[str, str]) -> None:
    record(ledger, {"id": "a1"} | RESPONSE)
    record(ledger, {"id": "a2"} | RESPONSE | other)
    assert noted(ledger) == []


def test_a_response_of_another_tenant_is_not_suspected(ledger: Rehearsal) -> None:
    ledger.given(RegisterWorkspace("ws"), tenant="t2")
    record(ledger, {"id": "a1"} | RESPONSE)
    send(ledger, {"id": "a2"} | RESPONSE, tenant="t2")
    assert noted(ledger) == []
    assert not any(isinstance(event, UsageConflictNoted) for event in ledger.events("t2/quarantine"))


def test_a_waiting_item_takes_its_response_as_well(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "workspace_id": "new"} | RESPONSE)
    record(ledger, {"id": "a2"} | RESPONSE)
    assert [conflict.attempt_id for conflict in noted(ledger)] == ["a2"]


def test_an_item_that_is_rejected_takes_no_response(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "usage": {"input_tokens": -1}} | RESPONSE)
    record(ledger, {"id": "a2"} | RESPONSE)
    assert noted(ledger) == []
