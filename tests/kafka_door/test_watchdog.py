"""A consumer is called stalled when it stays silent about records that Kafka had a while ago, and only then."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest
from kafka.errors import KafkaTimeoutError

from usage_ledger.adapters.kafka.group_consumer import Place
from usage_ledger.entrypoints.kafka_door.door import KafkaDoor
from usage_ledger.entrypoints.kafka_door.session import ConsumerStalled
from usage_ledger.entrypoints.kafka_door.watchdog import Watchdog
from usage_ledger.publishing.publisher import PublishFailed
from waiting import eventually

WAITING = {Place("t", 0): 7}


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog(now=0.0, stall_s=5.0)


def test_a_consumer_that_leaves_records_where_they_are_is_stalled(watchdog):
    assert not watchdog.is_stalled(5.0, lambda: WAITING)
    assert watchdog.is_stalled(10.0, lambda: WAITING)


def test_silence_without_records_is_no_stall(watchdog):
    assert not any(watchdog.is_stalled(now, dict) for now in (5.0, 10.0, 15.0))


def test_kafka_is_not_asked_all_the_time(watchdog):
    def never() -> dict[Place, int]:
        raise AssertionError

    assert not watchdog.is_stalled(4.9, never)
    watchdog.is_stalled(5.0, dict)
    assert not watchdog.is_stalled(9.9, never)


def test_records_that_came_in_between_end_the_suspicion(watchdog):
    watchdog.is_stalled(5.0, lambda: WAITING)
    watchdog.heard(6.0)
    assert not watchdog.is_stalled(11.0, lambda: WAITING)


def test_records_that_moved_on_end_the_suspicion(watchdog):
    watchdog.is_stalled(5.0, lambda: WAITING)
    assert not watchdog.is_stalled(10.0, lambda: {Place("t", 0): 8, Place("t", 1): 7})


class EndedSession:
    """Serves until it ends as it was told."""

    was_useful = True

    def __init__(self, end: Callable[[Event], None]) -> None:
        self._end = end
        self.closed = Event()

    def serve(self, stop: Event) -> None:
        self._end(stop)

    def close(self) -> None:
        self.closed.set()


def fails_with(error: Exception) -> Callable[[Event], None]:
    def end(_: Event) -> None:
        raise error

    return end


@pytest.mark.parametrize("error", [ConsumerStalled(), KafkaTimeoutError(), PublishFailed("x"), ZeroDivisionError()])
def test_whatever_ends_a_session_another_one_begins(error):
    sessions = [EndedSession(fails_with(error)), EndedSession(Event.wait)]
    opened: list[EndedSession] = []

    def open_session() -> EndedSession:
        opened.append(sessions[len(opened)])
        return opened[-1]

    door = KafkaDoor(open_session)  # type: ignore[arg-type]
    door.start()
    eventually(lambda: len(opened) == 2)
    door.stop()
    assert all(session.closed.is_set() for session in sessions)


def test_a_door_without_kafka_tries_again_and_stops_when_it_is_told():
    tried: list[int] = []

    def unreachable() -> EndedSession:
        tried.append(1)
        raise KafkaTimeoutError

    door = KafkaDoor(unreachable)  # type: ignore[arg-type]
    door.start()
    eventually(lambda: len(tried) >= 2)
    door.stop()
