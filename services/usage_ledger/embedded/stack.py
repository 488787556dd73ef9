"""The whole ledger on one machine: Postgres and Kafka, then `migrate`, then our own processes, in this order.

It knows our processes only as commands with a question that tells when they are ready.
"""

import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from usage_ledger.embedded.connections import DATABASE, Connections, connections
from usage_ledger.embedded.data_folder import DataFolder
from usage_ledger.embedded.kafka import KafkaNode, new_password
from usage_ledger.embedded.ports import free_port, preferred_port, required_port
from usage_ledger.embedded.postgres import PostgresServer, short_socket_folder
from usage_ledger.embedded.readiness import port_answers, url_answers
from usage_ledger.embedded.refused import ServerFailed
from usage_ledger.embedded.servers import Report, available_jars, start_kafka, start_postgres
from usage_ledger.embedded.supervision import Readiness, Supervision
from usage_ledger.embedded.unit import Unit

_PROCESS_START_MS = 60_000
_PYTHON = [sys.executable, "-P", "-m", "usage_ledger"]


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What differs between a demo, a bench and a developer's machine. Port 0 is any free one."""

    http_port: int = 0
    kafka_port: int = 0
    relay_metrics_port: int = 0
    reactor_metrics_port: int = 0
    scheduler_metrics_port: int = 0
    projector_metrics_port: int = 0
    kafka_heap: str = "512m"
    fast_start: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """One of our own: the command and the question that is answered yes once it works."""

    name: str
    command: Sequence[str]
    ready: Readiness


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: where everything listens, and who looks after it."""

    folder: DataFolder
    connections: Connections
    supervision: Supervision

    def start(self, processes: Sequence[Process]) -> None:
        """Starts them all, then waits for each. Raises ServerFailed, with its log, for one that does not start."""
        units = [self._unit(process) for process in processes]
        for unit in units:
            self.supervision.run(unit)
        for unit, process in zip(units, processes, strict=True):
            self.supervision.wait_until(unit, process.ready, timeout_ms=_PROCESS_START_MS)

    def run_once(self, command: Sequence[str]) -> None:
        """Runs a command of set-up to its end. Raises ServerFailed, with what it said, if it fails."""
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=self.connections.environment(self.folder.settings_file),
        )
        (self.folder.logs / "set-up.log").write_text(done.stdout + done.stderr)
        if done.returncode != 0:
            raise ServerFailed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")

    def _unit(self, process: Process) -> Unit:
        return Unit(
            name=process.name,
            command=list(process.command),
            log=str(self.folder.logs / f"{process.name}.log"),
            environment=self.connections.environment(self.folder.settings_file),
        )


@contextmanager
def running_ledger(folder: DataFolder, options: StackOptions, report: Report) -> Generator[Stack]:
    """Everything, ready for use; stopped at the end of the block, and also if this process dies inside it."""
    with running_servers(folder, options, report) as stack:
        report("Bringing the database up to date")
        stack.run_once([*_PYTHON, "migrate"])
        report("Starting projector, relay, reactor, scheduler and serve")
        stack.start(ledger_processes(stack.connections))
        yield stack


@contextmanager
def running_servers(folder: DataFolder, options: StackOptions, report: Report) -> Generator[Stack]:
    """Postgres, with an empty database the first time, and Kafka; nothing of ours yet."""
    postgres = _postgres(folder)
    with closing(folder), _supervision(folder, postgres) as supervision:
        http_port, password = required_port(options.http_port, purpose="HTTP"), new_password()
        report("Looking for Kafka's jars")
        kafka = _kafka(folder, options, password, available_jars(report))
        report("Starting Postgres and Kafka")
        _start_both(postgres, kafka, supervision)
        postgres.ensure_database(DATABASE)
        places = connections(
            postgres,
            kafka,
            password,
            http_port=http_port,
            relay_metrics_port=preferred_port(options.relay_metrics_port),
            reactor_metrics_port=preferred_port(options.reactor_metrics_port),
            scheduler_metrics_port=preferred_port(options.scheduler_metrics_port),
            projector_metrics_port=preferred_port(options.projector_metrics_port),
        )
        places.write(folder.settings_file)
        yield Stack(folder, places, supervision)


def ledger_processes(places: Connections) -> list[Process]:
    """Our own processes. The door opens last, so it is the first to close: what it took in is still passed on."""
    return [
        Process("projector", [*_PYTHON, "projector"], port_answers(places.projector_metrics_port)),
        Process("relay", [*_PYTHON, "relay"], port_answers(places.relay_metrics_port)),
        Process("reactor", [*_PYTHON, "reactor"], port_answers(places.reactor_metrics_port)),
        Process("scheduler", [*_PYTHON, "scheduler"], port_answers(places.scheduler_metrics_port)),
        Process("serve", [*_PYTHON, "serve"], url_answers(f"{places.url}/readyz")),
    ]


def _start_both(postgres: PostgresServer, kafka: KafkaNode, supervision: Supervision) -> None:
    with ThreadPoolExecutor(2) as threads:
        starts = [
            threads.submit(start_postgres, postgres, supervision),
            threads.submit(start_kafka, kafka, supervision),
        ]
    for start in starts:
        start.result()


def _supervision(folder: DataFolder, postgres: PostgresServer) -> Supervision:
    elsewhere = [] if postgres.socket_folder == postgres.folder else [postgres.socket_folder]
    throw_away = [folder.path, *elsewhere] if folder.throw_away else elsewhere
    return Supervision(folder.logs / "supervisor.log", lock_fd=folder.lock_fd, throw_away=throw_away)


def _kafka(folder: DataFolder, options: StackOptions, password: str, jars: list[Path]) -> KafkaNode:
    return KafkaNode(
        folder=folder.kafka,
        log=folder.logs / "kafka.log",
        jars=jars,
        port=preferred_port(options.kafka_port),
        controller_port=free_port(),
        password=password,
        heap=options.kafka_heap,
        fast_start=options.fast_start,
        throw_away=folder.throw_away,
    )


def _postgres(folder: DataFolder) -> PostgresServer:
    return PostgresServer(
        folder=folder.postgres,
        socket_folder=short_socket_folder(folder.postgres),
        log=folder.logs / "postgres.log",
        throw_away=folder.throw_away,
    )
