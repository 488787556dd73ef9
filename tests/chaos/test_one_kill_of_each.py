"""One fault of each kind, under load: whatever dies, nothing that was acknowledged is missing, and nothing is twice.

One ledger for all of them, each test adding its fault to what the others left. `make chaos` does many more at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from chaos.campaign import furnish
from chaos.checks import Checks
from chaos.faults import Fault, faults_of
from chaos.ledger import Crew, LedgerUnderTest, running_ledger_under_test
from chaos.load import Load
from chaos.quiet import wait_until_quiet
from waiting import eventually

# The first test waits until everything has started, on a machine that may be busy with other tests.
pytestmark = pytest.mark.timeout(300)

SEED = 1
PATIENCE_S = 60.0
# Enough that the fault meets requests that are under way.
LEAD_ITEMS = 40

KILLS = [
    *(f"kill {job}-0" for job in ("serve", "relay", "projector", "reactor", "scheduler")),
    "kill postgres",
    "kill a backend of postgres",
    "stop postgres at once",
    "kill kafka",
]
PAUSES = ["pause serve-0", "pause projector-0", "pause a backend of postgres"]


@pytest.fixture(scope="module")
def ledger() -> Iterator[LedgerUnderTest]:
    """Two doors, so that a repeat may meet the original; one worker of a kind, so that a kill hits the one at work."""
    with running_ledger_under_test(Crew(doors=2, workers=1), None, lambda _: None) as ledger:
        furnish(ledger)
        yield ledger


@pytest.fixture(scope="module")
def load(ledger: LedgerUnderTest) -> Iterator[Load]:
    load = Load(ledger, SEED, pause_s=0.05)
    yield load
    load.stop()


@pytest.fixture(scope="module")
def checks(ledger: LedgerUnderTest) -> Checks:
    return Checks(ledger)


@pytest.fixture
def fault(ledger: LedgerUnderTest, request: pytest.FixtureRequest) -> Fault:
    return next(fault for fault in faults_of(ledger) if fault.name == request.param)


def items_arrive(ledger: LedgerUnderTest) -> None:
    before = len(ledger.record.acknowledged)
    eventually(lambda: len(ledger.record.acknowledged) >= before + LEAD_ITEMS)


def hurt(ledger: LedgerUnderTest, load: Load, fault: Fault) -> None:
    """The fault in the middle of the load; items arrive before it and after it."""
    load.resume()
    items_arrive(ledger)
    fault.do(ledger, random.Random(SEED))
    items_arrive(ledger)


def promises_broken(ledger: LedgerUnderTest, load: Load, checks: Checks, *, with_replay: bool = False) -> list:
    return [*wait_until_quiet(ledger, load, PATIENCE_S), *checks.violations(with_replay=with_replay)]


def exits(ledger: LedgerUnderTest) -> int:
    return sum(map(len, ledger.exits().values()))


@pytest.mark.parametrize("fault", KILLS, indirect=True)
def test_a_kill_loses_and_doubles_nothing(ledger, load, checks, fault):
    before = exits(ledger)
    hurt(ledger, load, fault)
    assert promises_broken(ledger, load, checks) == []
    # A backend is a child of Postgres: that it died is told by the connections that all were closed.
    assert exits(ledger) > before or fault.name == "kill a backend of postgres"


@pytest.mark.parametrize("fault", PAUSES, indirect=True)
def test_a_process_that_pauses_and_goes_on_loses_and_doubles_nothing(ledger, load, checks, fault):
    hurt(ledger, load, fault)
    assert promises_broken(ledger, load, checks) == []


@pytest.mark.parametrize("fault", ["lose answers of serve-0"], indirect=True)
def test_an_answer_that_is_lost_after_the_commit_is_given_again(ledger, load, checks, fault):
    hurt(ledger, load, fault)
    eventually(lambda: ledger.proxies["serve-0"].lost_answers)
    assert promises_broken(ledger, load, checks) == []


def test_read_again_from_the_first_event_on_every_promise_still_holds(ledger, load):
    assert promises_broken(ledger, load, Checks(ledger), with_replay=True) == []
