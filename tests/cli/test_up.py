"""`usage-ledger up` gives a whole ledger on this machine and takes all of it away again."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from embedded.units import is_alive

LEDGER = [sys.executable, "-m", "usage_ledger"]


class RunningLedger:
    """`up` in a process of its own, and where it says that everything is."""

    def __init__(self):
        command = [*LEDGER, "up", "--throw-away", "--http-port", "0", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.places = json.loads(line)

    def end(self, number):
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def pids(self):
        log = (Path(self.places["logs"]) / "supervisor.log").read_text()
        events = [json.loads(line) for line in log.splitlines()]
        return {event["unit"]: event["pid"] for event in events if event["event"] == "unit_started"}


@pytest.fixture(scope="module")
def ledger():
    running = RunningLedger()
    yield running
    assert running.end(signal.SIGTERM) == 0


def test_every_process_runs(ledger):
    pids = ledger.pids()
    assert set(pids) == {"postgres", "kafka", "serve", "relay", "reactor", "scheduler", "projector"}
    assert all(map(is_alive, pids.values()))


def test_the_http_door_is_ready(ledger):
    assert httpx.get(f"{ledger.places['url']}/readyz").status_code == 200


def test_the_database_can_be_looked_into(ledger):
    with psycopg.connect(ledger.places["postgres"]) as connection:
        schemas = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
        assert {("ledger",), ("views",)} <= set(schemas)


def test_the_first_key_comes_from_the_command_that_the_screen_names(ledger):
    command = [*LEDGER, "--data", ledger.places["data"], "keys", "bootstrap", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    secret = json.loads(done.stdout.splitlines()[-1])["secret"]
    # The key is good for a read that needs one; what it finds is another matter.
    answer = httpx.get(f"{ledger.places['url']}/v1/trial-balance", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code != 401


def test_the_doctor_finds_nothing_wrong_with_it(ledger):
    command = [*LEDGER, "--data", ledger.places["data"], "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout.splitlines()[-1])
    assert [found for found in told["checks"] if found["level"] in ("failure", "unreachable")] == []
    assert done.returncode == 0


def test_an_interrupted_stack_is_gone_and_that_is_no_failure():
    # As a shell would start it in the background.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ledger = RunningLedger()
    finally:
        signal.signal(signal.SIGINT, before)
    pids = ledger.pids().values()
    assert ledger.end(signal.SIGINT) == 0
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not Path(ledger.places["data"]).exists()


def test_a_taken_port_is_said_before_anything_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*LEDGER, "up", "--throw-away", "--http-port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not free" in done.stderr


def test_a_folder_and_a_throw_away_one_exclude_each_other(tmp_path):
    command = [*LEDGER, "up", "--throw-away", "--data", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
