"""When the next group begins: at once for whoever is alone, a little later where several come at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appender.ledger import Ledger, VirtualClock
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.appender import Appender, AppenderLimits
from usage_ledger.handlers import HANDLERS

AN_HOUR_S = 3600.0


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Over an appender that gathers for as long as nobody stops it."""
    clock = VirtualClock()
    ledger = Ledger(Appender(MemoryStore(), clock, HANDLERS, AppenderLimits(gather_s=AN_HOUR_S)), clock)
    ledger.furnish()
    ledger.appender.start()
    yield ledger
    ledger.appender.stop()


def test_a_lone_caller_waits_for_nobody(ledger: Ledger) -> None:
    for number in range(3):
        (future,) = ledger.appender.submit([ledger.submission(ledger.usage(f"a{number}"))])
        assert future.result(10).outcome == "accepted"


def test_after_a_group_of_several_the_next_one_gathers_until_it_is_time(ledger: Ledger) -> None:
    together = ledger.appender.submit([ledger.submission(ledger.usage(attempt)) for attempt in ("a1", "a2")])
    assert [future.result(10).outcome for future in together] == ["accepted", "accepted"]
    (later,) = ledger.appender.submit([ledger.submission(ledger.usage("a3"))])
    with pytest.raises(TimeoutError):
        later.result(0.2)
    ledger.appender.stop()
    assert later.result(0).outcome == "accepted"


def test_an_appender_gathers_for_some_milliseconds_unless_told_otherwise() -> None:
    assert 0.001 <= AppenderLimits().gather_s <= 0.01
