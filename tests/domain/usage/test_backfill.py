"""Usage older than 35 days is let in by a backfill with reason and approver, and by nothing else (U6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.rehearsal import DAY, SECOND, Rehearsal, answer_of
from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.commands import ChangeBillingMode

from .items import attempt
from .metered_ledger import METERED, record, usage_events

FOUND = Backfill("spool found", "fin-1")


@pytest.fixture
def ledger(ledger: Rehearsal) -> Rehearsal:
    """The workspace is old enough for usage of sixty days ago."""
    ledger.wait(100 * DAY)
    return ledger


def backfill(ledger: Rehearsal, **fields: Any) -> dict[str, Any]:
    attempts = (attempt(**({"occurred_at": ledger.now - 60 * DAY} | fields)),)
    (answer,) = answer_of(ledger.when(RecordUsage(attempts, backfill=FOUND)))["items"]
    return answer


@pytest.mark.rule("U6")
def test_old_usage_is_rejected_without_and_accepted_with_a_backfill(ledger: Rehearsal) -> None:
    (late,) = record(ledger, {"id": "a1", "occurred_at": ledger.now - 60 * DAY})
    assert late["code"] == "outside_late_window"
    assert backfill(ledger, id="a1")["status"] == "accepted"
    (event,) = usage_events(ledger)
    assert event.backfill == FOUND


def test_usage_in_time_says_nothing_of_a_backfill(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"})
    assert usage_events(ledger)[0].backfill is None


def test_a_backfill_does_not_let_the_future_in(ledger: Rehearsal) -> None:
    assert backfill(ledger, occurred_at=ledger.now + 301 * SECOND)["code"] == "occurred_in_future"


def test_usage_that_nobody_pays_for_says_of_its_backfill_too(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "their own key"))
    ledger.wait(100 * DAY)
    assert backfill(ledger)["status"] == "accepted"
    assert usage_events(ledger, METERED)[0].backfill == FOUND
