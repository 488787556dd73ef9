"""What every event store promises, in memory and on Postgres alike."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import ProgrammingError, StoredEvent
from psycopg.conninfo import make_conninfo

from store.events import NOW, OTHER, STREAM, place
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.scheduling.due_accounts import DueAccount, DueAccounts
from usage_ledger.store import (
    AppendFailed,
    AttemptRow,
    Batch,
    BusinessKeyRow,
    CommandRow,
    DueRow,
    HoldRow,
    Known,
    LedgerStore,
    Named,
    QuarantineRow,
    Snapshot,
)
from usage_ledger.submission import Outcome

SHARD = 1
DueStore = tuple[LedgerStore, DueAccounts]


def append(store: LedgerStore, batch: Batch, shard: int = SHARD) -> None:
    with store.transaction([shard]) as transaction:
        transaction.write(batch)


def test_a_new_store_stands_at_position_zero(store: LedgerStore) -> None:
    with store.transaction([0, SHARD]) as transaction:
        assert {shard: state.last_position for shard, state in transaction.shards.items()} == {0: 0, SHARD: 0}


def test_events_come_back_as_they_were_placed(store: LedgerStore) -> None:
    events = [place(SHARD, 1, STREAM, 1), place(SHARD, 2, OTHER, 1), place(SHARD, 3, STREAM, 2)]
    append(store, Batch(events=events))
    with store.transaction([SHARD]) as transaction:
        assert transaction.events_after(SHARD, 0, 10) == events
        assert transaction.shards[SHARD].last_position == 3
        assert transaction.shards[SHARD].last_recorded_at == events[-1].recorded_at


def test_events_after_a_position_are_limited(store: LedgerStore) -> None:
    events = [place(SHARD, n, STREAM, n) for n in range(1, 6)]
    append(store, Batch(events=events))
    with store.transaction([SHARD]) as transaction:
        assert transaction.events_after(SHARD, 2, 2) == events[2:4]
        assert transaction.event_at(SHARD, 4) == events[3]
        assert transaction.event_at(SHARD, 6) is None


def test_many_streams_are_read_each_after_its_own_version(store: LedgerStore) -> None:
    events = [place(SHARD, 1, STREAM, 1), place(SHARD, 2, OTHER, 1), place(SHARD, 3, STREAM, 2)]
    append(store, Batch(events=events))
    with store.transaction([SHARD]) as transaction:
        found = transaction.streams(SHARD, {STREAM: 1, OTHER: 0, "acme/account-none": 0})
        assert found == [events[2], events[1]]
        assert transaction.last_of_stream(SHARD, STREAM) == events[2]
        assert transaction.last_of_stream(SHARD, "acme/account-none") is None


def test_a_stream_is_read_since_an_instant_page_by_page(store: LedgerStore) -> None:
    events = [place(SHARD, n, STREAM if n % 2 else OTHER, (n + 1) // 2) for n in range(1, 9)]
    append(store, Batch(events=events))
    with store.transaction([SHARD]) as transaction:
        assert transaction.stream_since(SHARD, STREAM, 0, NOW + 3, 2) == [events[2], events[4]]
        assert transaction.stream_since(SHARD, STREAM, 3, NOW + 3, 2) == [events[6]]
        assert transaction.stream_since(SHARD, "acme/account-none", 0, 0, 2) == []


def test_shards_count_apart(store: LedgerStore) -> None:
    append(store, Batch(events=[place(0, 1, "platform/deployment-default", 1)]), shard=0)
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)]))
    with store.transaction([0, SHARD]) as transaction:
        assert [transaction.shards[shard].last_position for shard in (0, SHARD)] == [1, 1]


def test_a_version_that_exists_is_not_appended_again(store: LedgerStore) -> None:
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)]))
    with pytest.raises(Exception, match=r".+"):
        append(store, Batch(events=[place(SHARD, 2, STREAM, 1)]))
    with store.transaction([SHARD]) as transaction:
        assert transaction.shards[SHARD].last_position == 1
        assert len(transaction.events_after(SHARD, 0, 10)) == 1


def test_nothing_of_a_block_that_raises_is_kept(store: LedgerStore) -> None:
    def interrupted() -> None:
        with store.transaction([SHARD]) as transaction:
            transaction.write(Batch(events=[place(SHARD, 1, STREAM, 1)]))
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    with store.transaction([SHARD]) as transaction:
        assert transaction.shards[SHARD].last_position == 0
        assert transaction.events_after(SHARD, 0, 10) == []


def test_the_position_of_the_facts_comes_with_every_lock(store: LedgerStore) -> None:
    events = [place(0, n, "platform/deployment-default", n) for n in (1, 2, 3)]
    append(store, Batch(events=events, facts=[1, 3]), shard=0)
    with store.transaction([SHARD]) as transaction:
        assert transaction.facts_position == 3
        assert [event.position for event in transaction.facts_after(1)] == [3]


def test_index_rows_are_found_by_their_digests(store: LedgerStore) -> None:
    outcome = Outcome("accepted", b'{"a":1}', ("1-1",), facts={"x": "y"})
    command = CommandRow(b"c" * 16, b"h" * 16, outcome, 7)
    key = BusinessKeyRow(b"b" * 16, "content", b"{}")
    rows = [AttemptRow(b"z" * 16, b"1" * 16, SHARD, 1), AttemptRow(b"a" * 16, b"2" * 16, SHARD, 1)]
    append(
        store,
        Batch(events=[place(SHARD, 1, STREAM, 1)], commands=[command], attempts=rows, business_keys=[key]),
    )
    found, unknown = b"b" * 16, b"n" * 16
    named = Named([b"c" * 16, unknown], [b"a" * 16, unknown], business_keys=[found, unknown])
    with store.transaction([SHARD], named) as transaction:
        assert transaction.known == Known({b"c" * 16: command}, {b"a" * 16: b"2" * 16}, {}, {found: key, unknown: None})
        assert transaction.business_keys([found, unknown]) == {found: key}


def test_an_attempt_is_held_by_the_event_that_it_was_moved_to(store: LedgerStore) -> None:
    rows = [AttemptRow(bytes([n]) * 16, b"c" * 16, SHARD, 1) for n in range(3)]
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)], attempts=rows))
    moved = {rows[0].key: 2, rows[2].key: 2}
    append(store, Batch(events=[place(SHARD, 2, STREAM, 2)], attempts_moved=moved))
    with store.transaction([SHARD], Named(attempts=[rows[0].key])) as transaction:
        assert transaction.attempt_positions([row.key for row in rows] + [b"n" * 16]) == {
            rows[0].key: 2,
            rows[1].key: 1,
            rows[2].key: 2,
        }
        assert transaction.known.attempts == {rows[0].key: b"c" * 16}


def test_an_attempt_that_is_taken_and_moved_at_once_is_where_it_was_moved_to(store: LedgerStore) -> None:
    events = [place(SHARD, 1, STREAM, 1), place(SHARD, 2, STREAM, 2)]
    row = AttemptRow(b"a" * 16, b"c" * 16, SHARD, 1)
    append(store, Batch(events=events, attempts=[row], attempts_moved={row.key: 2}))
    with store.transaction([SHARD]) as transaction:
        assert transaction.attempt_positions([row.key]) == {row.key: 2}


def test_events_are_read_by_their_places(store: LedgerStore) -> None:
    events = [place(SHARD, n, STREAM, n) for n in range(1, 6)]
    append(store, Batch(events=events))
    with store.transaction([SHARD]) as transaction:
        assert transaction.events_at(SHARD, [2, 5, 9]) == [events[1], events[4]]


def test_a_row_of_quarantine_takes_the_place_of_the_one_before_it_until_it_is_taken_away(store: LedgerStore) -> None:
    waiting = QuarantineRow(b"a" * 16, "waiting", "acme", "ws", "workspace_not_found")
    rejected = QuarantineRow(b"a" * 16, "rejected", "acme", "ws", "unknown_unit")
    other = QuarantineRow(b"b" * 16, "waiting", "acme", "ws", "no_pin")
    changed = waiting._replace(reason="no_pin")
    put(store, {row[:2]: row for row in (waiting, rejected, other)})
    put(store, {waiting[:2]: changed, rejected[:2]: None})
    with store.transaction([SHARD]) as transaction:
        assert transaction.quarantined([b"a" * 16, b"n" * 16]) == [changed]
        assert sorted(transaction.quarantined([b"a" * 16, b"b" * 16])) == [changed, other]


def put(store: LedgerStore, quarantined: dict[tuple[bytes, str], QuarantineRow | None]) -> None:
    with store.transaction([SHARD]) as transaction:
        position = transaction.shards[SHARD].last_position + 1
        transaction.write(Batch(events=[place(SHARD, position, STREAM, position)], quarantined=quarantined))


def test_a_hold_is_found_by_its_digest_until_and_after_it_is_closed(store: LedgerStore) -> None:
    first = HoldRow(b"1" * 16, "acme", "main", "ws", "open", 1)
    second = HoldRow(b"2" * 16, "acme", "main", "ws", "open", 2, used_by="other")
    rows = {row.digest: row for row in (first, second)}
    append(
        store, Batch(events=[place(SHARD, 1, STREAM, 1)], holds_placed=rows, holds_closed={second.digest: "expired"})
    )
    with store.transaction([SHARD], Named(holds=[first.digest, b"n" * 16])) as transaction:
        assert transaction.known.holds == {first.digest: first, b"n" * 16: None}
        assert transaction.holds([first.digest, b"n" * 16]) == {first.digest: first}
        assert transaction.holds([second.digest]) == {second.digest: second._replace(state="expired")}
    append(store, Batch(events=[place(SHARD, 2, STREAM, 2)], holds_closed={first.digest: "settled"}))
    with store.transaction([SHARD]) as transaction:
        assert transaction.holds([first.digest]) == {first.digest: first._replace(state="settled")}


def test_commands_of_every_kind_come_back_from_one_transaction(store: LedgerStore) -> None:
    """One of them with several positions, one with none, one with a code and facts."""
    outcomes = [
        Outcome("accepted", b'{"a":1}', ("1-1", "2-7")),
        Outcome("duplicate", b"{}", ()),
        Outcome("refused", code="hold_exists", detail="it is there", facts={"hold_id": 'h "1"', "n": "é"}),
    ]
    rows = {bytes([n]) * 16: CommandRow(bytes([n]) * 16, b"h" * 16, outcomes[n], n) for n in range(3)}
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)], commands=list(rows.values())))
    with store.transaction([SHARD], Named(commands=list(rows))) as transaction:
        assert transaction.known.commands == rows


def test_more_than_any_socket_buffer_holds_is_written_and_read_in_one_transaction(store: LedgerStore) -> None:
    answers = [Outcome("accepted", bytes([48 + n]) * 4_000_000) for n in range(8)]
    rows = {bytes([n]) * 16: CommandRow(bytes([n]) * 16, b"h" * 16, answers[n], n) for n in range(8)}
    attempts = [AttemptRow(n.to_bytes(16, "big"), b"c" * 16, SHARD, 1) for n in range(50_000)]
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)], commands=list(rows.values()), attempts=attempts))
    named = Named(commands=list(rows), attempts=[row.key for row in attempts], holds=[row.key for row in attempts])
    with store.transaction([SHARD], named) as transaction:
        assert transaction.known.commands == rows
        assert len(transaction.known.attempts) == len(attempts)


def test_the_newest_snapshot_is_the_one_that_is_read(store: LedgerStore) -> None:
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)], snapshots=[Snapshot(STREAM, 1, bytes(32), b"old")]))
    append(store, Batch(events=[place(SHARD, 2, STREAM, 2)], snapshots=[Snapshot(STREAM, 2, bytes(32), b"new")]))
    with store.transaction([SHARD]) as transaction:
        assert transaction.snapshots([STREAM, OTHER]) == {STREAM: Snapshot(STREAM, 2, bytes(32), b"new")}


def test_the_library_reads_a_stream_forwards_backwards_and_in_part(store: LedgerStore) -> None:
    append(store, Batch(events=[place(SHARD, n, STREAM, n) for n in range(1, 6)]))
    application = store.applications[SHARD]
    recorder = application.recorder

    def versions(**query: object) -> list[int]:
        events: list[StoredEvent] = recorder.select_events(STREAM, **query)
        return [event.originator_version for event in events]

    assert versions() == [1, 2, 3, 4, 5]
    assert versions(gt=2) == [3, 4, 5]
    assert versions(lte=2, desc=True) == [2, 1]
    assert versions(desc=True, limit=1) == [5]
    assert [n.id for n in recorder.select_notifications(start=2, limit=2)] == [2, 3]
    assert [n.id for n in recorder.select_notifications(start=2, limit=9, stop=3, inclusive_of_start=False)] == [3]
    assert recorder.max_notification_id() == 5
    assert [position for position, _ in application.history(after=1, until=4)] == [2, 3, 4]
    assert [event.originator_version for event in application.stream(STREAM)] == [1, 2, 3, 4, 5]


def test_what_the_database_refuses_of_a_batch_is_no_loss_of_the_database(ledger_database: str) -> None:
    """The group is then run one by one; were it told as unavailable, its neighbours would have to come again."""
    store = PostgresStore(make_conninfo(ledger_database, user="ledger_appender"))
    event, row = place(SHARD, 1, STREAM, 1), AttemptRow(b"a" * 16, b"c" * 16, SHARD, 1)
    with pytest.raises(AppendFailed, match="UniqueViolation"):
        append(store, Batch(events=[event, event], attempts=[row]))
    append(store, Batch(events=[event], attempts=[row]))
    store.close()


def test_nothing_is_appended_outside_the_lock(ledger_database: str) -> None:
    store = PostgresStore(make_conninfo(ledger_database, user="ledger_appender"))
    with pytest.raises(ProgrammingError):
        store.applications[SHARD].recorder.insert_events([place(SHARD, 1, STREAM, 1).stored])
    store.close()


def test_a_row_of_what_is_due_takes_the_place_of_the_one_before_it_until_it_is_taken_away(due_store: DueStore) -> None:
    store, due_accounts = due_store
    soon, late = DueRow("acme", "soon", SHARD, 5), DueRow("acme", "late", SHARD, 9)
    elsewhere = DueRow("globex", "soon", 2, 5)
    append(store, Batch(events=[place(SHARD, 1, STREAM, 1)], due={row[:2]: row for row in (soon, late, elsewhere)}))
    assert due_accounts.due([SHARD], 9, 10) == [
        DueAccount(SHARD, "acme", "soon", 5),
        DueAccount(SHARD, "acme", "late", 9),
    ]
    assert due_accounts.due([SHARD], 8, 10) == [DueAccount(SHARD, "acme", "soon", 5)]
    assert due_accounts.due([SHARD, 2], 9, 2) == [
        DueAccount(SHARD, "acme", "soon", 5),
        DueAccount(2, "globex", "soon", 5),
    ]
    changed = {soon[:2]: soon._replace(next_due=7), late[:2]: None}
    append(store, Batch(events=[place(SHARD, 2, STREAM, 2)], due=changed))
    assert due_accounts.due([SHARD], 9, 10) == [DueAccount(SHARD, "acme", "soon", 7)]
