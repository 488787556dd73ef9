"""The ledger that is hurt: real servers that write durably, our processes as they are shipped, two of each."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import Connection

from chaos.client import Client, Keys
from chaos.proxy import CuttingProxy
from chaos.record import Record
from chaos.sabotage import OFF, Sabotage
from usage_ledger.embedded.data_folder import throw_away_folder
from usage_ledger.embedded.ports import free_port
from usage_ledger.embedded.readiness import url_answers
from usage_ledger.embedded.stack import Stack, StackOptions, running_servers
from usage_ledger.embedded.unit import Unit
from usage_ledger.settings import ENV_PREFIX

# Short, so that a share of a dead or paused worker changes hands within a round.
LEASE_S = "2"
# The exit code of a process that an exception ended. Those are for no case that anybody thought of.
DEFECT = 70
_TRACEBACK_LINES = 24
TESTS = Path(__file__).parent.parent
_START_S = 60.0
_POLL_S = 0.05

COMMANDS_TOPIC = "usage-ledger.commands"
# One gateway that speaks for every tenant, as the one at the HTTP door does.
_COMMANDS_TOPICS = {COMMANDS_TOPIC: {"source": "chaos-kafka", "tenants": ["*"]}}

Report = Callable[[str], None]
T = TypeVar("T")


class Crew(NamedTuple):
    """How many processes: of ``serve``, and of each kind that works behind it."""

    doors: int
    workers: int


class LedgerUnderTest:
    """A running ledger: where its doors are, its processes by name, and the database as its owner sees it."""

    def __init__(self, stack: Stack, crew: Crew, sabotage: Sabotage | None) -> None:
        self._stack = stack
        self._sabotage = sabotage
        self.jobs = ["relay", "projector", "reactor", "scheduler"]
        self._doors = {f"serve-{number}": free_port() for number in range(crew.doors)}
        workers = [f"{job}-{number}" for job in self.jobs for number in range(crew.workers)]
        self.processes = [*self._doors, *workers]
        self.proxies = {name: CuttingProxy(port) for name, port in self._doors.items()}
        self.record = Record()
        self.keys = Keys()

    @property
    def folder(self) -> Path:
        return self._stack.folder.path

    @property
    def kafka_options(self) -> dict[str, Any]:
        """How to connect to Kafka."""
        where = self._stack.connections
        return {
            "bootstrap_servers": where.kafka_bootstrap_servers,
            "security_protocol": where.kafka_security_protocol,
            "sasl_mechanism": where.kafka_sasl_mechanism,
            "sasl_plain_username": where.kafka_username,
            "sasl_plain_password": where.kafka_password,
        }

    @contextmanager
    def database(self) -> Generator[Connection[Any]]:
        """As owner. Raises psycopg.OperationalError while the server is down."""
        dsn = self._stack.connections.postgres_owner_dsn
        with psycopg.connect(dsn, autocommit=True, connect_timeout=3) as connection:
            yield connection

    def client(self, chance: random.Random, stop: Event | None = None) -> Client:
        ports = [proxy.port for proxy in self.proxies.values()]
        return Client(ports, self.keys, self.record, chance, stop)

    def start(self) -> None:
        self._stack.run_once(self._command("migrate"))
        with self.database() as connection:
            _require_durable(connection)
            for statement in self._sabotage.statements if self._sabotage else ():
                connection.execute(statement)
        for name in self.processes:
            self._stack.supervision.run(self._unit(name))
        self.keys.admin = self._admin_key()
        for port in self._doors.values():
            _wait_until(url_answers(f"http://127.0.0.1:{port}/readyz"), "a door opens")
        for name in self.processes if self._sabotage else ():
            _wait_until(partial(self._is_sabotaged, name), f"the sabotage of {name}")

    def pid_of(self, name: str) -> int | None:
        """The process that runs under this name at the moment."""
        supervision = self._stack.supervision
        pid = supervision.pid_of(name)
        gone = any(line["event"] == "unit_exited" and line["pid"] == pid for line in supervision.events())
        return None if gone else pid

    def wait_for_pid(self, name: str) -> int:
        """Its process, as soon as the supervisor has started it. Raises TimeoutError."""
        return _wait_until(partial(self.pid_of, name), f"{name} is started again")

    def exits(self) -> dict[str, list[int]]:
        """The exit codes of each process so far; a negative one is the signal that ended it."""
        exits: dict[str, list[int]] = {}
        for line in self._stack.supervision.events():
            if line["event"] == "unit_exited":
                exits.setdefault(line["unit"], []).append(line["code"])
        return exits

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of ours, to its end."""
        command, environment = self._command(*arguments), self._environment()
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)

    def defects(self) -> list[str]:
        """Processes of ours that ended by an exception, each with the end of its traceback."""
        return [
            f"{name} ended {codes.count(DEFECT)} times with {DEFECT}: {self._last_traceback(name)}"
            for name, codes in self.exits().items()
            if DEFECT in codes
        ]

    def last_errors(self) -> list[str]:
        """What each of our processes last logged as an error."""
        found = [[line for line in self._lines_of(name) if _is_error(line)][-1:] for name in self.processes]
        return [line[:400] for lines in found for line in lines]

    def close(self) -> None:
        for proxy in self.proxies.values():
            proxy.close()

    def _is_sabotaged(self, name: str) -> bool:
        """Or not meant to be. A process that could not be sabotaged must not pass for one that was."""
        meant = name.rpartition("-")[0] in self._sabotage.processes
        return not meant or OFF in self._log_of(name).read_text(errors="replace")

    def _last_traceback(self, name: str) -> str:
        lines = self._lines_of(name)
        begins = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
        shown = [line for line in lines[begins[-1] :] if not line.startswith("{")] if begins else []
        return "\n".join(shown[-_TRACEBACK_LINES:])

    def _lines_of(self, name: str) -> list[str]:
        return self._log_of(name).read_text(errors="replace").splitlines()

    def _log_of(self, name: str) -> Path:
        return self._stack.folder.logs / f"{name}.log"

    def _admin_key(self) -> str:
        issued = self.run("keys", "bootstrap", "--json")
        if issued.returncode:
            raise RuntimeError(f"no key could be issued: {issued.stderr}")
        return json.loads(issued.stdout.splitlines()[-1])["secret"]

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "usage_ledger", *arguments]

    def _unit(self, name: str) -> Unit:
        job = name.rpartition("-")[0]
        command = self._command(job, *(["--lease-seconds", LEASE_S] if job in self.jobs else []))
        if self._sabotage and job in self._sabotage.processes:
            command = [sys.executable, "-P", "-m", "chaos.sabotaged", self._sabotage.guard, *command[4:]]
        environment = self._environment()
        if job == "serve":
            environment[f"{ENV_PREFIX}HTTP_PORT"] = str(self._doors[name])
        return Unit(name, command, str(self._log_of(name)), environment)

    def _environment(self) -> dict[str, str]:
        """The stack's own, and this folder for the sabotaged processes; nobody asks for metrics."""
        path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        no_metrics = {f"{ENV_PREFIX}{job.upper()}_METRICS_PORT": "0" for job in self.jobs}
        kafka_door = {f"{ENV_PREFIX}COMMANDS_TOPICS": json.dumps(_COMMANDS_TOPICS)}
        inherited = self._stack.connections.environment(self._stack.folder.settings_file)
        return {**inherited, **no_metrics, **kafka_door, "PYTHONPATH": path}


@contextmanager
def running_ledger_under_test(crew: Crew, sabotage: Sabotage | None, report: Report) -> Generator[LedgerUnderTest]:
    """Started at the beginning of the block, gone with everything that it wrote at the end."""
    options = StackOptions(fast_start=True, kafka_heap="384m")
    with running_servers(throw_away_folder(), options, report) as stack:
        ledger = LedgerUnderTest(stack, crew, sabotage)
        try:
            report("Starting our processes")
            ledger.start()
            yield ledger
        finally:
            ledger.close()


def _is_error(line: str) -> bool:
    return '"level":"error"' in line.replace(": ", ":") or '"level":"critical"' in line.replace(": ", ":")


def _wait_until(ask: Callable[[], T], what: str) -> T:
    """The first answer that is a yes. Raises TimeoutError."""
    deadline = time.monotonic() + _START_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {_START_S:.0f} s: {what}")
        time.sleep(_POLL_S)
    return answer


def _require_durable(connection: Connection[Any]) -> None:
    """A campaign on a Postgres that may forget would prove nothing."""
    for name in ("fsync", "full_page_writes"):
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        if row != ("on",):
            raise RuntimeError(f"{name} is {row}")
