"""A check that cannot fail is worse than none: each of them sees its violation, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b

import pytest

from chaos.checks import attempt_violations, command_violations, record_violations
from chaos.history import History
from chaos.record import Item, Record
from chaos.stored_event import StoredEvent
from chaos.topic import Topic
from chaos.views import balances_of, misjudged, usage_of
from chaos.world import Purchase
from usage_ledger.leaf import NO_LEAF, leaf_hash
from views.recorded import FakeRecord, Recorded, Shard, item, line, on_topic

CALL = Item("acme", "call-1", "ws", "main", "model-a", 10, 2, 60, "2026-01-01T00:00:00Z", is_late=False)


def stored(events: Iterable[Recorded]) -> list[StoredEvent]:
    """As the appender would have stored them, each stream a chain."""
    leaves: dict[str, bytes] = {}
    rows: list[StoredEvent] = []
    for event in events:
        previous = leaves.get(event.stream_id, NO_LEAF)
        place = event.shard, event.position, event.stream_id, event.version
        leaves[event.stream_id] = leaf_hash(*place, event.fingerprint, previous, event.body)
        rows.append(
            StoredEvent(*place, event.recorded_at, event.fingerprint, previous, leaves[event.stream_id], event.body)
        )
    return rows


def read(rows: Iterable[StoredEvent]) -> History:
    history = History()
    for row in rows:
        history.take(row)
    return history


def promises(violations: Iterable) -> set[str]:
    return {violation.promise for violation in violations}


def use(shard: Shard, call: Item = CALL, *, balance_after: int = 940) -> None:
    lines = [item(call.charge, attempt_id=call.attempt_id, input=call.input_tokens, output=call.output_tokens)]
    shard.usage(lines, debits=[line(2000, "debit", call.charge, "lot-2")], balance_after=balance_after)


@pytest.fixture
def shard() -> Shard:
    """An account with credit of 1,000 and one call for 60."""
    shard = Shard()
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    use(shard)
    return shard


@pytest.fixture
def record(shard: Shard) -> Record:
    """Of the client that did all this."""
    record = Record()
    purchase = Purchase("acme", "payment-1", "main", 1_000)
    record.sends_purchase(purchase)
    record.paid_for(purchase)
    record.sends([CALL])
    record.answered(CALL, {"status": "accepted", "charged": "0.00000006"}, "key-1")
    return record


def test_a_sound_history_has_no_violation(shard, record):
    history = read(stored(shard.events))
    assert history.violations == []
    assert list(record_violations(record, history)) == []
    assert usage_of(record, history) == {("acme", "main", "ws", "model-a"): (1, 10, 2, 60)}
    assert balances_of(record, history) == {("acme", "main"): 940}


def without_second(rows: list[StoredEvent]) -> list[StoredEvent]:
    return [rows[0], rows[2]]


def with_a_changed_byte(rows: list[StoredEvent]) -> list[StoredEvent]:
    return [*rows[:2], rows[2]._replace(body=rows[2].body.replace(b"call-1", b"call-7"))]


def with_time_going_back(rows: list[StoredEvent]) -> list[StoredEvent]:
    return [*rows[:2], rows[2]._replace(recorded_at=rows[1].recorded_at - 1)]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (without_second, {"positions have no hole", "versions have no hole", "leaves are a chain"}),
        (with_a_changed_byte, {"leaves are a chain"}),
        (with_time_going_back, {"recorded_at never goes back"}),
    ],
)
def test_a_damaged_store_is_seen(shard, change: Callable, broken):
    assert promises(read(change(stored(shard.events))).violations) >= broken


def test_an_attempt_that_is_booked_twice_is_seen(shard):
    use(shard, balance_after=880)
    assert promises(read(stored(shard.events)).violations) == {"an attempt is booked once"}


def test_a_balance_that_does_not_follow_from_the_entries_is_seen(shard):
    use(shard, CALL._replace(attempt_id="call-2"), balance_after=940)
    assert promises(read(stored(shard.events)).violations) == {"balances follow from entries"}


def test_an_entry_that_does_not_balance_is_seen(shard):
    shard.usage([item(5)], debits=[line(2000, "debit", 4, "lot-2")], balance_after=936)
    history = read(stored(shard.events))
    assert promises(history.violations) == {"debits equal credits"}
    assert history.trial_balance == -1


def test_what_was_acknowledged_and_is_missing_is_seen(shard, record):
    broken = promises(record_violations(record, read(stored(shard.events[:1]))))
    assert broken == {"what was acknowledged is there", "an acknowledged payment is there"}


def test_what_nobody_sent_is_seen(shard):
    history = read(stored(shard.events))
    assert promises(record_violations(Record(), history)) == {"nothing is booked that was not sent"}


def test_a_booking_of_something_else_than_was_sent_is_seen(shard, record):
    record.items[CALL.key] = CALL._replace(output_tokens=3)
    assert promises(record_violations(record, read(stored(shard.events)))) == {"what was sent is what is booked"}


EARLY = CALL._replace(attempt_id="call-2", is_early=True)


@pytest.fixture
def unpriced(shard: Shard, record: Record) -> Record:
    """An early call was answered, and booked without a price."""
    shard.usage([item(0, attempt_id=EARLY.attempt_id, input=10, output=2, outcome="no_price")], balance_after=940)
    record.sends([EARLY])
    record.answered(EARLY, {"status": "accepted", "charged": "0.00", "line_status": "unpriced"}, "key-2")
    return record


def rate(shard: Shard, *, balance_after: int = 880) -> None:
    lines = [item(EARLY.charge, attempt_id=EARLY.attempt_id, input=10, output=2)]
    shard.rate(lines, debits=[line(2000, "debit", EARLY.charge, "lot-2")], balance_after=balance_after)


def test_a_call_without_a_price_costs_nothing_until_there_is_one(shard, unpriced):
    assert list(record_violations(unpriced, read(stored(shard.events)))) == []
    rate(shard)
    unpriced.published_price(EARLY.model)
    history = read(stored(shard.events))
    assert [*history.violations, *record_violations(unpriced, history)] == []
    assert balances_of(unpriced, history) == {("acme", "main"): 880}


def test_a_call_that_is_never_rated_is_seen(shard, unpriced):
    unpriced.published_price(EARLY.model)
    assert promises(record_violations(unpriced, read(stored(shard.events)))) == {"what was sent is what is booked"}


def test_a_call_that_is_rated_twice_is_seen(shard, unpriced):
    rate(shard)
    rate(shard, balance_after=820)
    assert promises(read(stored(shard.events)).violations) == {"a line is rated once"}


def test_a_call_that_is_rated_and_never_was_booked_is_seen(shard):
    rate(shard)
    assert promises(read(stored(shard.events)).violations) == {"what is rated was booked before"}


def test_what_waits_though_its_workspace_is_registered_is_seen(shard, record):
    late = CALL._replace(attempt_id="call-2", is_late=True)
    record.sends([late])
    record.answered(late, {"status": "quarantined", "code": "workspace_not_found"}, "key-2")
    history = read(stored(shard.events))
    history.waiting[late.key] = "0-4"
    assert list(record_violations(record, history)) == []
    record.registered_workspace(late.tenant, late.workspace_id)
    assert promises(record_violations(record, history)) == {"what was acknowledged is there"}


def test_a_workspace_that_has_not_learned_what_judges_it_is_seen(record):
    row = ("acme", "ws", "platform_managed", "P4", None)
    assert list(misjudged(record, [row])) == []
    record.judged_by("P5", "registry-1")
    assert promises(misjudged(record, [row])) == {"every workspace learns what judges it"}
    assert list(misjudged(record, [("acme", "ws", "platform_managed", "P5", "registry-1")])) == []
    assert len(list(misjudged(record, [("acme", "ws", "byok", "P5", "registry-1")]))) == 1


def test_what_has_no_answer_is_seen(shard, record):
    record.sends([CALL._replace(attempt_id="call-2")])
    assert promises(record_violations(record, read(stored(shard.events)))) == {"everything gets a definite answer"}


@pytest.mark.parametrize(
    ("answer", "request_key"),
    [
        ({"status": "accepted", "charged": "0.00000006"}, "key-2"),
        ({"status": "accepted", "charged": "0.00000007"}, "key-1"),
        ({"status": "conflict", "code": "idempotency_conflict"}, "key-2"),
        ({"status": "rejected", "code": "mode_disabled"}, "key-2"),
        ({"status": "quarantined", "code": "no_pin"}, "key-2"),
    ],
)
def test_an_answer_that_cannot_be_is_seen(shard, record, answer, request_key):
    record.answered(CALL, answer, request_key)
    broken = promises(record_violations(record, read(stored(shard.events))))
    assert broken == {"answers do not contradict each other"}


@pytest.mark.parametrize(
    ("answer", "request_key"),
    [
        ({"status": "duplicate"}, "key-2"),
        # The same request, asked again because its answer was lost.
        ({"status": "accepted", "charged": "0.00000006"}, "key-1"),
    ],
)
def test_a_repeat_is_no_violation(shard, record, answer, request_key):
    record.answered(CALL, answer, request_key)
    assert list(record_violations(record, read(stored(shard.events)))) == []


def test_an_unavailable_shard_is_no_definite_answer(record):
    assert not record.answered(CALL, {"status": "unavailable", "code": "ledger_unavailable"}, "key-2")


def test_rows_of_attempts_that_disagree_with_events_are_seen(shard):
    history = read(stored(shard.events))
    key = blake2b(b"acme\0test\0call-1", digest_size=16).digest()
    assert list(attempt_violations({key: "0-3"}, history)) == []
    for rows in ({}, {key: "0-2"}, {key: "0-3", bytes(16): "0-3"}):
        assert promises(attempt_violations(rows, history)) == {"attempt rows agree with events"}


def test_rows_of_commands_that_disagree_with_events_are_seen(shard):
    history = read(stored(shard.events))
    history.commands = {b"command": (b"hash", {"0-2", "0-3"})}
    assert list(command_violations({b"command": [b"hash", "accepted", ["0-3"]]}, history)) == []
    assert promises(command_violations({}, history)) == {"an event's command has its row"}
    assert promises(command_violations({b"command": [b"other", "accepted", ["0-3"]]}, history)) == {
        "an event's command has its row"
    }
    rows = {b"command": [b"hash", "accepted", ["0-3"]], b"another": [b"hash", "accepted", ["0-4"]]}
    assert promises(command_violations(rows, history)) == {"an accepted command has events"}


@pytest.fixture
def published(shard: Shard) -> list[FakeRecord]:
    """The topic as it should be, with the leaves of the store."""
    leaves = {row.position: row.leaf for row in stored(shard.events)}
    records = [on_topic(event, offset=event.position - 1) for event in shard.events]
    return [
        each._replace(headers=[*each.headers[:-1], ("leaf", leaves[number])]) for number, each in enumerate(records, 1)
    ]


def seen_on_topic(shard: Shard, records: Iterable[FakeRecord]) -> set[str]:
    topic, history = Topic(None), read(stored(shard.events))
    return promises(violation for record in records for violation in topic.take(0, record, history))


def test_a_topic_may_hold_events_twice(shard, published):
    assert seen_on_topic(shard, [*published, *published[1:]]) == set()


def test_a_topic_with_a_hole_is_seen(shard, published):
    assert seen_on_topic(shard, [published[0], published[2]]) == {"the topic has every position in order"}


def test_a_topic_with_other_bytes_is_seen(shard, published):
    other = [published[0], published[1]._replace(value=published[1].value + b"\0"), published[2]]
    assert seen_on_topic(shard, other) == {"the topic has the store's bytes"}
