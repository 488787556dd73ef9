"""The settings that an embedded stack decides: where its servers listen and how to get in. Kept in a private file."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from usage_ledger.embedded.kafka import USERNAME, KafkaNode
from usage_ledger.embedded.postgres import PostgresServer
from usage_ledger.settings import ENV_PREFIX, SETTINGS_FILE_VARIABLE

DATABASE = "usage_ledger"

# Only who can read this file gets into its Kafka, and that is who may do everything here anyway.
_COMMANDS_TOPIC = """
[commands_topics."usage-ledger.commands"]
source = "kafka"
tenants = ["*", "platform"]
"""


@dataclass(frozen=True, slots=True)
class Connections:
    """Fields are named like the settings that they give a value to."""

    postgres_owner_dsn: str
    postgres_appender_dsn: str
    postgres_relay_dsn: str
    postgres_reactor_dsn: str
    postgres_scheduler_dsn: str
    postgres_projector_dsn: str
    postgres_reader_dsn: str
    kafka_bootstrap_servers: str
    kafka_security_protocol: str
    kafka_sasl_mechanism: str
    kafka_username: str
    kafka_password: str = field(repr=False)
    http_host: str
    http_port: int
    relay_metrics_port: int
    reactor_metrics_port: int
    scheduler_metrics_port: int
    projector_metrics_port: int

    @property
    def url(self) -> str:
        """Where the HTTP door answers."""
        return f"http://{self.http_host}:{self.http_port}"

    def write(self, file: Path) -> None:
        """Writes them as TOML that only this user can read. JSON's texts and whole numbers are TOML's too."""
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in asdict(self).items()]
        # A new file each time: the mode of an old one might be anything.
        file.unlink(missing_ok=True)
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
            output.writelines(["# Written by the embedded stack when it started.\n", *lines, _COMMANDS_TOPIC])

    def environment(self, file: Path) -> dict[str, str]:
        """For our own processes: this file, and no variable of the shell that would lead them to another ledger."""
        decided = {(ENV_PREFIX + name).upper() for name in asdict(self)}
        inherited: Mapping[str, str] = {name: value for name, value in os.environ.items() if name not in decided}
        return {**inherited, SETTINGS_FILE_VARIABLE: str(file)}


def connections(
    postgres: PostgresServer,
    kafka: KafkaNode,
    kafka_password: str,
    *,
    http_port: int,
    relay_metrics_port: int,
    reactor_metrics_port: int,
    scheduler_metrics_port: int,
    projector_metrics_port: int,
) -> Connections:
    """The connections to these servers."""
    return Connections(
        postgres_owner_dsn=postgres.conninfo(DATABASE),
        postgres_appender_dsn=postgres.conninfo(DATABASE, "ledger_appender"),
        postgres_relay_dsn=postgres.conninfo(DATABASE, "ledger_relay"),
        postgres_reactor_dsn=postgres.conninfo(DATABASE, "ledger_reactor"),
        postgres_scheduler_dsn=postgres.conninfo(DATABASE, "ledger_scheduler"),
        postgres_projector_dsn=postgres.conninfo(DATABASE, "ledger_projector"),
        postgres_reader_dsn=postgres.conninfo(DATABASE, "ledger_reader"),
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="PLAIN",
        kafka_username=USERNAME,
        kafka_password=kafka_password,
        http_host="127.0.0.1",
        http_port=http_port,
        relay_metrics_port=relay_metrics_port,
        reactor_metrics_port=reactor_metrics_port,
        scheduler_metrics_port=scheduler_metrics_port,
        projector_metrics_port=projector_metrics_port,
    )
