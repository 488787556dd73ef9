"""A blocked stream is brought up to date from the store, and then the views hold what a replay of history gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from usage_ledger.entrypoints.cli.delivered_history import DeliveredHistory
from usage_ledger.entrypoints.cli.sessions import reading_session, writing_session
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.repairing.repair import NotBlocked, repair
from usage_ledger_views.views import VIEWS
from views.recorded import ACCOUNT, detail, item, line

BLOCKED = "SELECT stream_id, reason FROM views.blocked_streams"
POSTED = "SELECT posted FROM views.account_balances WHERE account_id = 'main'"


@pytest.fixture
def blocked(owner):
    return lambda: owner.execute(BLOCKED).fetchall()


@pytest.fixture
def posted(owner):
    return lambda: owner.execute(POSTED).fetchone()[0]


def use(history, left: int) -> None:
    history.usage([item(100)], debits=[line(2000, "debit", 100, "lot-2")], balance_after=left)


def test_a_gap_is_filled_from_the_store(history, stored, writer, command, blocked):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])
    assert blocked() == [(ACCOUNT, "gap")]
    told = command("repair", ACCOUNT)
    assert (told.code, told.answer["position"]) == (0, "0-9")
    assert told.answer["folded"] == [{"stream": ACCOUNT, "from_version": 2, "to_version": 4}]
    assert blocked() == []
    assert command("replay").code == 0


def test_a_record_that_was_poison_on_kafka_is_read_from_the_store(history, stored, writer, command, blocked):
    stored()
    records = history.on_topic()
    records[6] = records[6]._replace(value=b"poison")
    writer.write(records)
    assert blocked() == [(ACCOUNT, "undecodable")]
    assert command("repair", ACCOUNT).code == 0
    assert blocked() == []
    assert command("replay").code == 0


def broken_view(position: int):
    """The views with an applier that fails on one event, as before a software update."""
    first = VIEWS[0]

    def fails(changes, event):
        if event.position == position:
            raise KeyError("what an older version does not know")
        first.appliers[event.name](changes, event)

    return [replace(first, appliers=dict.fromkeys(first.appliers, fails)), *VIEWS[1:]]


def test_what_an_older_version_could_not_apply_is_applied_by_this_one(
    history, stored, projector_connection, command, blocked
):
    stored()
    BatchWriter(projector_connection, broken_view(7), [0]).write(history.on_topic())
    assert blocked() == [(ACCOUNT, "apply_failed")]
    assert command("repair", ACCOUNT).code == 0
    assert blocked() == []
    assert command("replay").code == 0


def test_the_stream_goes_on_with_a_projector_that_had_skipped_it(history, stored, writer, command, blocked, posted):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])
    command("repair", ACCOUNT)
    # The running projector still believes that the stream is blocked.
    use(history, left=700)
    stored()
    writer.write(history.on_topic()[9:])
    assert (blocked(), posted()) == ([], 700)
    assert command("replay").code == 0


def test_events_that_the_views_have_not_reached_are_left_to_the_projector(
    history, stored, writer, command, blocked, posted
):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])
    use(history, left=700)
    stored()
    assert command("repair", ACCOUNT).answer["position"] == "0-9"
    assert posted() == 800
    assert command("replay").code == 0
    writer.write(history.on_topic()[9:])
    assert (blocked(), posted()) == ([], 700)


def test_repeats_of_what_was_repaired_change_nothing(history, stored, writer, command, posted):
    stored()
    records = history.on_topic()
    writer.write([record for record in records if record.offset != 6])
    command("repair", ACCOUNT)
    writer.write([record._replace(offset=record.offset + 9) for record in records])
    assert posted() == 800
    assert command("replay").code == 0


def test_a_record_whose_key_was_unreadable_is_replaced_by_the_event_it_stood_for(
    history, stored, writer, command, blocked, posted
):
    stored()
    records = history.on_topic()
    # The last event of the account: no later one could tell that it is missing.
    records[7] = records[7]._replace(key=None)
    writer.write(records)
    ((stray, _),) = blocked()
    assert (stray, posted()) == ("?record-0-7", 900)
    told = command("repair", stray)
    assert told.answer["folded"] == [{"stream": ACCOUNT, "from_version": 3, "to_version": 4}]
    assert (blocked(), posted()) == ([], 800)
    assert command("replay").code == 0


def test_another_stream_that_is_blocked_waits_for_its_own_repair(history, stored, writer, command, blocked):
    stored()
    records = history.on_topic()
    records[8] = records[8]._replace(key=None)
    writer.write([record for record in records if record.offset != 6])
    told = command("repair", "?record-0-8")
    assert [each["stream"] for each in told.answer["folded"]] == ["acme/workspace-ws"]
    assert blocked() == [(ACCOUNT, "gap")]


CAUSES = {
    "undecodable": lambda history: None,
    "apply_failed": lambda history: history.usage(
        [item(1, detail=detail(other_buckets=[{"bucket": "no_such_bucket", "quantity": 1}]))],
        debits=[line(2000, "debit", 1, "lot-2")],
        balance_after=799,
    ),
    "write_failed": lambda history: history.usage(
        [item(1)], debits=[line(2000, "debit", 1, "no-such-lot")], balance_after=799
    ),
}


@pytest.mark.parametrize("reason", CAUSES)
def test_while_the_cause_remains_nothing_changes_and_the_answer_says_why(
    history, stored, owner, writer, command, blocked, posted, reason
):
    CAUSES[reason](history)
    stored()
    if reason == "undecodable":
        owner.execute("UPDATE ledger.events SET body = 'poison' WHERE position = 7")
    records = [record for record in history.on_topic() if record.offset != 6]
    writer.write(records)
    before = owner.execute("SELECT * FROM views.progress").fetchall()
    told = command("repair", ACCOUNT)
    assert (told.code, told.answer["repaired"], told.answer["reason"]) == (1, False, reason)
    assert (blocked(), posted()) == ([(ACCOUNT, "gap")], 1_000)
    assert owner.execute("SELECT * FROM views.progress").fetchall() == before


def test_a_hole_in_the_stored_versions_is_a_cause_too(history, stored, owner, writer, command):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])
    owner.execute("DELETE FROM ledger.events WHERE position = 7")
    told = command("repair", ACCOUNT)
    assert (told.code, told.answer["reason"]) == (1, "gap")


def test_a_stream_that_is_not_blocked_is_not_touched(history, stored, writer, command):
    stored()
    writer.write(history.on_topic())
    told = command("repair", ACCOUNT)
    assert told.code == 2
    assert "not blocked" in told.answer["error"]


def test_of_two_repairs_at_once_one_finds_nothing_left_to_do(history, stored, writer, ledger_database):
    stored()
    writer.write([record for record in history.on_topic() if record.offset != 6])

    class RepairedMeanwhile(DeliveredHistory):
        """Another repair of the same stream is done while this one asks for history."""

        def stream(self, *question):
            with writing_session(ledger_database) as other:
                other.execute("SET lock_timeout = '100ms'")
                with pytest.raises(Exception, match="lock timeout"):
                    repair(other, VIEWS, DeliveredHistory(store), ACCOUNT)
            return super().stream(*question)

    with reading_session(ledger_database) as store, writing_session(ledger_database) as views:
        assert repair(views, VIEWS, RepairedMeanwhile(store), ACCOUNT).folded[0].to_version == 4
        with pytest.raises(NotBlocked):
            repair(views, VIEWS, DeliveredHistory(store), ACCOUNT)
