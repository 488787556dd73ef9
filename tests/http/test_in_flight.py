"""A process promises an answer to a bounded number of items at a time."""

from __future__ import annotations

import pytest

from usage_ledger.appender import Overloaded
from usage_ledger.entrypoints.http.in_flight import InFlight


def test_items_are_admitted_up_to_the_limit_and_not_beyond():
    in_flight = InFlight(10)
    with in_flight.admitted(6), in_flight.admitted(4), pytest.raises(Overloaded), in_flight.admitted(1):
        pass


def test_answered_items_make_room_also_when_they_failed():
    in_flight = InFlight(10)
    with pytest.raises(RuntimeError), in_flight.admitted(10):
        raise RuntimeError
    with in_flight.admitted(10):
        pass


def test_what_was_refused_takes_no_room():
    in_flight = InFlight(10)
    with pytest.raises(Overloaded), in_flight.admitted(11):
        pass
    with in_flight.admitted(10):
        pass
