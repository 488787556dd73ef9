"""The supervisor keeps its units running while its owner lives, and not a moment longer."""

import os
import signal

import pytest

from embedded.units import is_alive, python_owner, shell_unit
from usage_ledger.embedded.refused import ServerFailed
from usage_ledger.embedded.supervision import Supervision
from waiting import eventually

FOREVER = "exec sleep 1000"

OWNER = """
import sys, time
from pathlib import Path
from usage_ledger.embedded.supervision import Supervision
from usage_ledger.embedded.unit import Unit
folder = Path(sys.argv[1])
supervision = Supervision(folder / "supervisor.log", throw_away=[folder / "throw-away"])
for name in ("first", "second"):
    supervision.run(Unit(name, ["/bin/sleep", "1000"], str(folder / name), {}))
while len([e for e in supervision.events() if e["event"] == "unit_started"]) < 2:
    time.sleep(0.01)
print(supervision.pid, supervision.pid_of("first"), supervision.pid_of("second"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def supervision(tmp_path):
    with Supervision(tmp_path / "supervisor.log") as running:
        yield running


def started(supervision, name, times=1):
    starts = [e for e in supervision.events() if e["event"] == "unit_started" and e["unit"] == name]
    return len(starts) >= times


def test_a_killed_unit_is_started_again(supervision, tmp_path):
    supervision.run(shell_unit(tmp_path, "worker", FOREVER))
    eventually(lambda: started(supervision, "worker"))
    first = supervision.pid_of("worker")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: started(supervision, "worker", times=2))
    assert supervision.pid_of("worker") != first
    assert is_alive(supervision.pid_of("worker"))


def test_other_units_do_not_notice_that_one_is_started_again(supervision, tmp_path):
    for name in ("steady", "worker"):
        supervision.run(shell_unit(tmp_path, name, FOREVER))
    eventually(lambda: started(supervision, "worker") and started(supervision, "steady"))
    steady = supervision.pid_of("steady")
    os.kill(supervision.pid_of("worker"), signal.SIGKILL)
    eventually(lambda: started(supervision, "worker", times=2))
    assert supervision.pid_of("steady") == steady
    assert is_alive(steady)


def test_units_are_stopped_in_the_reverse_order_of_their_start(supervision, tmp_path):
    for name in ("database", "broker", "door"):
        supervision.run(shell_unit(tmp_path, name, FOREVER))
    eventually(lambda: all(started(supervision, name) for name in ("database", "broker", "door")))
    supervision.stop()
    ended = [event["unit"] for event in supervision.events() if event["event"] == "unit_exited"]
    assert ended == ["door", "broker", "database"]


def test_a_unit_may_choose_the_signal_that_ends_it(supervision, tmp_path):
    script = "trap 'echo orderly; exit' INT; echo ready; while true; do sleep 0.05; done"
    unit = shell_unit(tmp_path, "server", script, stop_signal=signal.SIGINT)
    supervision.run(unit)
    log = tmp_path / "server.log"
    eventually(lambda: log.exists() and "ready" in log.read_text())
    supervision.stop()
    assert "orderly" in log.read_text()


def test_a_unit_that_does_not_stop_is_killed_after_its_grace(supervision, tmp_path):
    script = "trap '' TERM; echo ready; while true; do sleep 0.05; done"
    supervision.run(shell_unit(tmp_path, "stubborn", script, stop_grace_ms=50))
    log = tmp_path / "stubborn.log"
    eventually(lambda: log.exists() and "ready" in log.read_text())
    supervision.stop()
    assert [e["unit"] for e in supervision.events() if e["event"] == "unit_killed"] == ["stubborn"]
    assert not is_alive(supervision.pid_of("stubborn"))


def test_what_a_unit_started_ends_with_it(supervision, tmp_path):
    supervision.run(shell_unit(tmp_path, "parent", "sleep 1000 & echo $!; wait"))
    log = tmp_path / "parent.log"
    eventually(lambda: log.exists() and log.read_text().strip())
    grandchild = int(log.read_text())
    assert is_alive(grandchild)
    supervision.stop()
    eventually(lambda: not is_alive(grandchild))


def test_a_terminated_supervisor_stops_its_units_first(supervision, tmp_path):
    supervision.run(shell_unit(tmp_path, "worker", FOREVER))
    eventually(lambda: started(supervision, "worker"))
    os.kill(supervision.pid, signal.SIGTERM)
    eventually(lambda: not supervision.alive)
    assert not is_alive(supervision.pid_of("worker"))


def test_a_killed_supervisor_takes_its_units_with_it(supervision, tmp_path):
    supervision.run(shell_unit(tmp_path, "worker", FOREVER))
    eventually(lambda: started(supervision, "worker"))
    worker = supervision.pid_of("worker")
    os.kill(supervision.pid, signal.SIGKILL)
    eventually(lambda: not is_alive(worker))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_the_owner_ends(tmp_path, number):
    (tmp_path / "throw-away").mkdir()
    owner = python_owner(OWNER, tmp_path)
    pids = [int(word) for word in owner.stdout.readline().split()]
    assert len(pids) == 3
    assert all(map(is_alive, pids))
    owner.send_signal(number)
    owner.communicate()
    eventually(lambda: not any(map(is_alive, pids)))
    assert not (tmp_path / "throw-away").exists()


def test_nothing_is_left_when_the_whole_process_group_of_the_owner_is_killed(tmp_path):
    (tmp_path / "throw-away").mkdir()
    owner = python_owner(OWNER, tmp_path)
    pids = [int(word) for word in owner.stdout.readline().split()]
    os.killpg(owner.pid, signal.SIGKILL)
    owner.communicate()
    eventually(lambda: not any(map(is_alive, pids)))
    assert not (tmp_path / "throw-away").exists()


def test_waiting_for_a_unit_that_keeps_failing_ends_with_its_last_words(supervision, tmp_path):
    unit = shell_unit(tmp_path, "broken", "echo no such table; exit 1")
    supervision.run(unit)
    with pytest.raises(ServerFailed, match="no such table"):
        supervision.wait_until(unit, lambda: False, timeout_ms=30_000)


def test_a_program_that_does_not_exist_is_a_failed_start(supervision, tmp_path):
    unit = shell_unit(tmp_path, "missing", "")
    unit.command[:] = ["/no/such/program"]
    supervision.run(unit)
    with pytest.raises(ServerFailed):
        supervision.wait_until(unit, lambda: False, timeout_ms=30_000)


def test_a_unit_with_a_very_large_environment_arrives_whole(supervision, tmp_path):
    unit = shell_unit(tmp_path, "large", 'echo "${#LARGE}"; exec sleep 1000')
    unit.environment["LARGE"] = "x" * 120_000
    supervision.run(unit)
    log = tmp_path / "large.log"
    eventually(lambda: log.exists() and log.read_text().strip() == "120000")


def test_logs_are_private(supervision, tmp_path):
    supervision.run(shell_unit(tmp_path, "worker", FOREVER))
    eventually(lambda: started(supervision, "worker"))
    assert (tmp_path / "worker.log").stat().st_mode & 0o777 == 0o600
