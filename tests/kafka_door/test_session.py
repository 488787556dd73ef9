"""The order of things is the guarantee: durable, then told, then committed; and nothing is skipped on the way."""

from __future__ import annotations

import psycopg
import pytest

from kafka_door.fakes import TOPIC, Record, Surroundings, accept, command, giving, raising
from usage_ledger.adapters.kafka.group_consumer import Place
from usage_ledger.appender import LedgerUnavailable, Overloaded
from usage_ledger.entrypoints.kafka_door import receiving, session
from usage_ledger.entrypoints.kafka_door.session import ConsumerStalled
from usage_ledger.publishing.publisher import PublishFailed
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome, Submission

GARBAGE = Record(TOPIC, 0, 1, b"garbage")


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def serve(around: Surroundings, *polls: list[Record], max_items: int = 1_000) -> None:
    around.polls = list(polls)
    around.session(max_items).serve(around.stop)


def committed(around: Surroundings) -> dict[int, int]:
    """The next offset of each partition."""
    return {place.partition: offset for offsets in around.values("commit") for place, offset in offsets.items()}


def test_offsets_are_committed_after_effects_are_durable_and_outcomes_published(around):
    serve(around, [command(0), GARBAGE, command(2), command(0, partition=3)])
    assert around.names() == ["submit", "keep", "publish", "commit"]
    assert around.values("submit") == [["0:0", "0:2", "3:0"]]
    assert around.values("keep") == [[(1, "not_a_frame")]]
    assert [command_id for command_id, _, _ in around.values("publish")[0]] == ["0:0", "0:2", "3:0"]
    assert committed(around) == {0: 3, 3: 1}


def test_what_cannot_be_published_is_not_committed(around):
    around.refused_publishing = [PublishFailed("no")]
    with pytest.raises(PublishFailed):
        serve(around, [command(0)])
    assert around.names() == ["submit"]


@pytest.mark.parametrize(
    "troubles", [[raising(Overloaded())] * 2, [giving(LedgerUnavailable("down")), giving(LedgerUnavailable("down"))]]
)
def test_what_cannot_be_decided_now_is_tried_again_and_never_skipped(around, troubles):
    around.faults = [*troubles]
    serve(around, [command(0)], [command(1)])
    assert around.values("submit") == [["0:0"], ["0:0"], ["0:0"], ["0:1"]]
    assert around.names()[:5] == ["submit", "stay", "submit", "stay", "submit"]
    assert committed(around) == {0: 2}


def test_a_batch_of_which_one_outcome_is_unknown_is_decided_again_as_a_whole(around):
    around.faults = [giving(None, LedgerUnavailable("down"))]
    serve(around, [command(0), command(1)])
    assert around.values("submit") == [["0:0", "0:1"]] * 2
    assert len(around.values("publish")) == 1


def test_nothing_after_a_batch_is_handed_in_before_all_of_it_is_known(around):
    around.faults = [giving(LedgerUnavailable("down"), LedgerUnavailable("down"))]
    serve(around, [command(0, items=2), command(1, items=2), command(2, items=2)], max_items=4)
    assert around.values("submit") == [["0:0", "0:1"], ["0:0", "0:1"], ["0:2"]]


def test_no_more_is_handed_in_at_a_time_than_was_allowed(around):
    serve(around, [command(0, items=3), command(1, items=2), command(2, items=7), command(3)], max_items=5)
    assert around.values("submit") == [["0:0", "0:1"], ["0:2"], ["0:3"]]
    assert [list(offsets.values()) for offsets in around.values("commit")] == [[2], [3], [4]]


def test_dead_letters_are_kept_before_anything_is_committed(around):
    around.refused_letters = [psycopg.OperationalError("down"), psycopg.InterfaceError("closed")]
    serve(around, [GARBAGE])
    assert around.names() == ["stay", "stay", "keep", "publish", "commit"]


def test_a_command_that_fails_unexpectedly_is_told_kept_and_passed_by(around):
    around.faults = [giving(None, ZeroDivisionError(), None)]
    serve(around, [command(0), command(1), command(2)])
    outcomes = [(outcome, code) for _, outcome, code in around.values("publish")[0]]
    assert outcomes == [("accepted", None), ("failed", "internal_error"), ("accepted", None)]
    assert around.values("keep") == [[(1, "internal_error")]]
    assert committed(around) == {0: 3}


def test_input_that_the_rules_find_wrong_is_refused_with_its_place(around):
    around.faults = [giving(InvalidInput("invalid_amount", "no number", "/amount"))]
    serve(around, [command(0)])
    assert around.values("publish") == [[("0:0", "refused", "invalid_amount")]]


def test_a_defect_of_ours_in_reading_stops_no_partition(around, monkeypatch):
    def fail(value: bytes) -> None:
        raise RuntimeError(value)

    monkeypatch.setattr(receiving, "read_frame", fail)
    serve(around, [command(0)])
    assert around.values("keep") == [[(0, "internal_error")]]
    assert committed(around) == {0: 1}


def test_a_defect_of_ours_in_reading_a_command_is_told(around, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(receiving, "read_payload", fail)
    serve(around, [command(0)])
    assert around.values("publish") == [[("0:0", "failed", "internal_error")]]
    assert around.values("keep") == [[(0, "internal_error")]]


def test_told_to_stop_it_finishes_what_was_handed_in_and_leaves_the_rest_on_the_topic(around):
    def accept_and_stop(submission: Submission) -> Outcome:
        around.stop.set()
        return accept(submission)

    around.faults = [accept_and_stop]
    serve(around, [command(0, items=2), command(1, items=2)], max_items=2)
    assert around.names() == ["submit", "publish", "commit"]
    assert committed(around) == {0: 1}


def test_told_to_stop_while_the_ledger_is_away_it_commits_nothing(around):
    around.stop_while_waiting = True
    around.faults = [giving(LedgerUnavailable("down")), giving(LedgerUnavailable("down"))]
    serve(around, [command(0)])
    assert around.names() == ["submit", "stay", "submit"]


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Suspicion at the first silent poll, certainty at the second."""
    monkeypatch.setattr(session, "STALL_S", 0.0)
    monkeypatch.setattr(session, "GROUP_STALL_S", 0.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("whose", ["ours_behind", "theirs_behind"])
def test_a_consumer_that_does_not_bring_what_kafka_has_is_given_up(around, whose):
    setattr(around, whose, {Place(TOPIC, 0): 7})
    with pytest.raises(ConsumerStalled):
        serve(around, [], [], [])


@pytest.mark.usefixtures("impatient")
def test_a_consumer_without_anything_to_bring_is_kept(around):
    serve(around, [], [], [], [command(0)])
    assert committed(around) == {0: 1}
