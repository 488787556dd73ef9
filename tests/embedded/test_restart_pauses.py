"""A unit that keeps failing is started ever more slowly; one that ran well starts quickly again."""

import os

import pytest

from embedded.units import shell_unit
from usage_ledger.embedded.child import Child
from waiting import eventually


@pytest.fixture
def failing(tmp_path):
    return Child(shell_unit(tmp_path, "failing", "exit 1"))


def fail_once(child, *, started_at, ended_at):
    """Runs the unit once on a clock of the test's own; returns the pause before its next start."""
    child.start_if_due(started_at)
    assert child.running

    def ended():
        child.reap(ended_at)
        return not child.running

    eventually(ended)
    return round(child.due_at - ended_at, 3)


def test_pauses_double_up_to_ten_seconds(failing):
    now, pauses = failing.due_at, []
    for _ in range(8):
        pauses.append(fail_once(failing, started_at=now, ended_at=now))
        now = failing.due_at
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_it_does_not_start_before_its_pause_is_over(failing):
    now = failing.due_at
    fail_once(failing, started_at=now, ended_at=now)
    failing.start_if_due(now + 0.1)
    assert not failing.running


def test_a_good_run_makes_the_next_pause_short_again(failing):
    now = failing.due_at
    for _ in range(3):
        fail_once(failing, started_at=now, ended_at=now)
        now = failing.due_at
    assert fail_once(failing, started_at=now, ended_at=now + 10) == 0.2


def test_a_unit_starts_in_a_process_group_of_its_own(tmp_path):
    child = Child(shell_unit(tmp_path, "worker", "exec sleep 1000"))
    child.start_if_due(child.due_at)
    pid = child._process.pid
    try:
        assert os.getpgid(pid) == pid
    finally:
        os.kill(pid, 9)
        child._process.wait()
