"""What came again under a known id and said something else is listed; the first stays (U3)."""

from __future__ import annotations

import msgspec

from domain.quarantine.books import NANO, QUARANTINE, charges
from domain.rehearsal import Rehearsal
from domain.usage.items import attempt
from domain.usage.metered_ledger import record, send
from usage_ledger.usage.conflicts import MAX_RAW_BYTES
from usage_ledger.usage.events import UsageConflict, UsageConflictNoted
from usage_ledger.usage.item import UsageItem

OTHER = {"usage": {"input_tokens": 2_000_000}}


def noted(ledger: Rehearsal) -> list[UsageConflict]:
    events = [event for event in ledger.events(QUARANTINE) if isinstance(event, UsageConflictNoted)]
    return [conflict for event in events for conflict in event.conflicts]


def test_both_contents_and_the_later_item_are_kept(ledger: Rehearsal) -> None:
    record(ledger, {})
    later = OTHER | {"occurred_at": ledger.now, "reported_cost": {"amount": "0.80", "currency": "USD"}}
    record(ledger, later)
    (conflict,) = noted(ledger)
    assert (conflict.attempt_id, conflict.source, conflict.workspace_id, conflict.kind) == (
        "a1",
        "gw",
        "ws",
        "conflict",
    )
    assert (conflict.first_content, conflict.second_content) == (attempt().content, attempt(**later).content)
    assert (conflict.amount_at_risk, conflict.currency) == (8 * 10**8, "USD")
    assert msgspec.json.decode(conflict.raw, type=UsageItem) == attempt(**later).item
    assert charges(ledger) == {"a1": NANO}


def test_one_event_lists_all_of_a_command(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a"}, {"id": "b"})
    record(ledger, {"id": "a"} | OTHER, {"id": "b"} | OTHER, {"id": "c"}, {"id": "c"} | OTHER)
    assert [conflict.attempt_id for conflict in noted(ledger)] == ["a", "b", "c"]
    assert len(ledger.events(QUARANTINE)) == 1


def test_a_repeat_with_equal_content_is_none(ledger: Rehearsal) -> None:
    record(ledger, {})
    record(ledger, {})
    assert noted(ledger) == []


def test_what_contradicts_a_waiting_item_is_noted_too(ledger: Rehearsal) -> None:
    record(ledger, {"workspace_id": "new"})
    record(ledger, {"workspace_id": "new"} | OTHER)
    assert [conflict.attempt_id for conflict in noted(ledger)] == ["a1"]


def test_an_atomic_command_that_is_refused_notes_nothing(ledger: Rehearsal) -> None:
    record(ledger, {})
    assert send(ledger, OTHER, atomic=True).code == "item_refused"
    assert noted(ledger) == []


def test_of_a_large_item_the_first_four_kilobytes_are_kept_and_no_event_is_too_large(ledger: Rehearsal) -> None:
    tags = {f"t{n}": "ü" * 256 for n in range(16)}
    ids = [{"id": f"a{n}"} for n in range(150)]
    record(ledger, *ids)
    record(ledger, *(each | OTHER | {"tags": tags} for each in ids))
    assert {len(conflict.raw) for conflict in noted(ledger)} == {MAX_RAW_BYTES}
    assert len(noted(ledger)) == 150
    assert max(ledger.sizes(QUARANTINE)) < 256 * 1024
    assert len(ledger.sizes(QUARANTINE)) > 1
