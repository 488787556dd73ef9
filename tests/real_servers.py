"""A real Postgres and a real Kafka for the whole test run, started when the first test asks and stopped at the end.

They belong to the process that controls the run. With xdist, workers ask it for an address over a Unix socket, so a
server starts once, outlives every worker, and a run of pure tests starts nothing. The supervisor stops them even if
the run is killed.
"""

import json
import socket
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from usage_ledger.embedded.kafka import KafkaNode
from usage_ledger.embedded.ports import free_port
from usage_ledger.embedded.postgres import PostgresServer
from usage_ledger.embedded.servers import available_jars, start_kafka, start_postgres
from usage_ledger.embedded.supervision import Supervision

# Data of a test need not survive the machine; nothing else differs from the Postgres of `usage-ledger up`.
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_START_S = 120


class RealServers:
    """The servers of one test run, in a folder that the supervisor removes. An address is asked for by name."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="usage-ledger-tests-", dir="/tmp"))
        self.folder.chmod(0o711)
        self._supervision = Supervision(self.folder / "supervisor.log", throw_away=[self.folder])
        self._locks = {name: threading.Lock() for name in ("postgres", "kafka")}
        self._addresses: dict[str, str] = {}
        self._starts: dict[str, Callable[[], str]] = {"postgres": self._start_postgres, "kafka": self._start_kafka}

    def address(self, name: str) -> str:
        """Starts the server if this is the first question for it."""
        with self._locks[name]:
            if name not in self._addresses:
                self._addresses[name] = self._starts[name]()
            return self._addresses[name]

    def stop(self) -> None:
        self._supervision.stop()

    def _start_postgres(self) -> str:
        place = self.folder / "postgres"
        server = PostgresServer(place, place, self.folder / "postgres.log", _NOT_DURABLE, throw_away=True)
        start_postgres(server, self._supervision)
        return server.conninfo("postgres")

    def _start_kafka(self) -> str:
        node = KafkaNode(
            folder=self.folder / "kafka",
            log=self.folder / "kafka.log",
            jars=available_jars(lambda _: None),
            port=free_port(),
            controller_port=free_port(),
            password=None,
            fast_start=True,
            throw_away=True,
        )
        start_kafka(node, self._supervision)
        return node.bootstrap_servers


class _Questions(socketserver.StreamRequestHandler):
    """One question a connection: a line with a name, answered by a line of JSON."""

    def handle(self) -> None:
        name = self.rfile.readline().decode().strip()
        try:
            answer = {"address": self.server.servers.address(name)}
        except Exception as error:
            answer = {"error": str(error)}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class _Door(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, servers: RealServers) -> None:
        self.servers = servers
        super().__init__(str(servers.folder / "door"), _Questions)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Controller:
    """The plugin of the process that owns the servers."""

    def __init__(self) -> None:
        self.servers = RealServers()
        self.door = _Door(self.servers)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node) -> None:
        node.workerinput["real_servers_door"] = self.door.server_address

    def pytest_unconfigure(self) -> None:
        self.door.close()
        self.servers.stop()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Controller(), "real_servers_controller")


@pytest.fixture(scope="session")
def server_address(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Asks the controlling process where a server listens."""
    if hasattr(request.config, "workerinput"):
        door = request.config.workerinput["real_servers_door"]
        return cache(lambda name: _ask(door, name))
    return request.config.pluginmanager.get_plugin("real_servers_controller").servers.address


def _ask(door: str, name: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_START_S)
        connection.connect(door)
        connection.sendall(name.encode() + b"\n")
        answer = json.loads(connection.makefile().readline())
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["address"]


@pytest.fixture(scope="session")
def postgres_server(server_address: Callable[[str], str]) -> str:
    """Conninfo of the superuser of a real Postgres, on a Unix socket."""
    return server_address("postgres")


@pytest.fixture(scope="session")
def kafka_server(server_address: Callable[[str], str]) -> str:
    """Bootstrap address of a real Kafka without a login. It makes no topic by itself; give yours a name of its own."""
    return server_address("kafka")


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """Conninfo of an empty database for this test alone."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
