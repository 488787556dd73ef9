"""What is done to a running ledger. Each fault is one function, and says what it did in a line for the report."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import psycopg

from chaos.ledger import LedgerUnderTest

LONGEST_PAUSE_S = 3.5
SHORTEST_PAUSE_S = 1.0
LOST_ANSWERS = 3

# The server processes behind our connections.
_OURS = """
    SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'usage-ledger %' ORDER BY application_name, pid
"""

Do = Callable[[LedgerUnderTest, random.Random], None]


class Fault(NamedTuple):
    """``deadly``: a process ends by it. Only those count as kills."""

    name: str
    deadly: bool
    do: Do


def faults_of(ledger: LedgerUnderTest) -> list[Fault]:
    """Every fault that this ledger can have."""
    return [
        *(fault for name in ledger.processes for fault in _of_process(name)),
        *_OF_POSTGRES,
        *_OF_KAFKA,
        *(Fault(f"lose answers of {name}", False, partial(_lose_answers, name)) for name in ledger.proxies),
    ]


def deck(faults: list[Fault], chance: random.Random) -> Iterator[Fault]:
    """Every fault once in an order of chance, then all of them again in another."""
    while True:
        yield from chance.sample(faults, len(faults))


def send_signal(name: str, number: signal.Signals, ledger: LedgerUnderTest, _chance: random.Random) -> None:
    with suppress(ProcessLookupError):
        os.kill(ledger.wait_for_pid(name), number)


def pause(name: str, ledger: LedgerUnderTest, chance: random.Random) -> None:
    """Stopped in the middle of whatever it does, and then it goes on as if nothing had happened."""
    _pause(ledger.wait_for_pid(name), chance)


def _of_process(name: str) -> list[Fault]:
    return [
        Fault(f"kill {name}", True, partial(send_signal, name, signal.SIGKILL)),
        Fault(f"restart {name}", True, partial(send_signal, name, signal.SIGTERM)),
        Fault(f"pause {name}", False, partial(pause, name)),
    ]


def kill_backend(ledger: LedgerUnderTest, chance: random.Random) -> None:
    """The process behind one connection of ours; Postgres then throws everybody out and recovers."""
    pid = _some_backend(ledger, chance)
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cut_connections(ledger: LedgerUnderTest, chance: random.Random) -> None:
    """As an operator or a failover would."""
    with suppress(psycopg.OperationalError), ledger.database() as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({_OURS}) AS ours")


def pause_backend(ledger: LedgerUnderTest, chance: random.Random) -> None:
    """Whatever it has locked stays locked meanwhile."""
    pid = _some_backend(ledger, chance)
    if pid:
        _pause(pid, chance)


def _some_backend(ledger: LedgerUnderTest, chance: random.Random) -> int | None:
    with suppress(psycopg.OperationalError), ledger.database() as connection:
        pids = connection.execute(_OURS).fetchall()
        return chance.choice(pids)[0] if pids else None
    return None


def _pause(pid: int, chance: random.Random) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(chance.uniform(SHORTEST_PAUSE_S, LONGEST_PAUSE_S))
        finally:
            os.kill(pid, signal.SIGCONT)


def _lose_answers(name: str, ledger: LedgerUnderTest, _chance: random.Random) -> None:
    ledger.proxies[name].lose_answers(LOST_ANSWERS)


_OF_POSTGRES = (
    Fault("kill postgres", True, partial(send_signal, "postgres", signal.SIGKILL)),
    Fault("kill a backend of postgres", True, kill_backend),
    Fault("stop postgres at once", True, partial(send_signal, "postgres", signal.SIGQUIT)),
    Fault("restart postgres", True, partial(send_signal, "postgres", signal.SIGINT)),
    Fault("pause a backend of postgres", False, pause_backend),
    Fault("cut the connections of postgres", False, cut_connections),
)
_OF_KAFKA = (
    Fault("kill kafka", True, partial(send_signal, "kafka", signal.SIGKILL)),
    Fault("restart kafka", True, partial(send_signal, "kafka", signal.SIGTERM)),
    Fault("pause kafka", False, partial(pause, "kafka")),
)
