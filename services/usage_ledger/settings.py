"""Every setting of every process, once: its type, its unit, its default and why.

A value comes from the environment (`USAGE_LEDGER_` and the name in capitals), else from the TOML file that
`USAGE_LEDGER_SETTINGS` names, else from the default here. Rules of the ledger, such as how old usage may be, are not
settings: changing one would change what history means.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from usage_ledger.commands_topic import CommandsTopic

ENV_PREFIX = "USAGE_LEDGER_"
SETTINGS_FILE_VARIABLE = "USAGE_LEDGER_SETTINGS"

Port = Annotated[int, Field(ge=0, le=65_535)]
Count = Annotated[int, Field(ge=1)]
Millis = Annotated[int, Field(ge=0)]


class SettingsInvalid(Exception):
    """The environment or the settings file does not fit. The text names each setting and hides its value."""


class Settings(BaseSettings):
    """What a process is told when it starts; it never changes while the process runs."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    # One login per role, so that the database itself enforces who may write what.
    postgres_owner_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_owner"),
        description="Connection of `migrate`: owns the tables and creates the other roles. What a DSN leaves out, "
        "libpq takes from the PG… variables.",
    )
    postgres_appender_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_appender"),
        description="Connection of `serve`: appends events.",
    )
    postgres_relay_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_relay"),
        description="Connection of `relay`: reads events, writes its checkpoint.",
    )
    postgres_reactor_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_reactor"),
        description="Connection of `reactor`: appends what follows from facts, writes its checkpoint.",
    )
    postgres_scheduler_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_scheduler"),
        description="Connection of `scheduler`: appends what is due at its time.",
    )
    postgres_projector_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_projector"),
        description="Connection of `projector`: the only role that writes views.",
    )
    postgres_reader_dsn: SecretStr = Field(
        default=SecretStr("dbname=usage_ledger user=ledger_reader"),
        description="Connection for reads of views: the HTTP door, dashboards, people.",
    )
    postgres_pool_connections: Count = Field(
        default=8, description="Connections that one process keeps for reads; the appender has its own, one per shard."
    )
    postgres_statement_timeout_ms: Millis = Field(
        default=30_000, description="After this a statement is given up, so that no lock is held for ever; 0 = never."
    )

    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092", description="Brokers to ask first, separated by commas."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How brokers are spoken to; anything but loopback deserves `SASL_SSL`."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        default=None, description="How we prove who we are, with a SASL protocol."
    )
    kafka_username: str | None = Field(default=None, description="Name for SASL.")
    kafka_password: SecretStr | None = Field(default=None, description="Password for SASL.")
    kafka_ssl_cafile: Path | None = Field(
        default=None, description="Certificates to trust; absent = those of the system."
    )

    events_topic: str = Field(
        default="usage-ledger.events", description="Where the relay publishes events: one partition per shard, exactly."
    )
    commands_topics: dict[str, CommandsTopic] = Field(
        default={"usage-ledger.commands": CommandsTopic(source="kafka")},
        description="Where gateways may send commands: topic → its source and the tenants it may speak for, `*` being "
        "all but `platform`. A table in TOML, JSON in the environment; empty = no Kafka door.",
    )
    commands_group: str = Field(
        default="usage-ledger.commands", description="Consumer group in which `serve` processes share those topics."
    )
    commands_partitions: Count = Field(
        default=8,
        description="Partitions that `migrate` gives to new topics of commands and outcomes: at most so many `serve` "
        "processes share the work.",
    )
    outcomes_topic: str = Field(
        default="usage-ledger.outcomes", description="Where the outcomes of those commands appear."
    )

    shards: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=4,
        description="Parts of the ledger, fixed at the first start; another count refuses to start. 64 for production.",
    )

    http_host: str = Field(default="127.0.0.1", description="Address that the HTTP door listens on.")
    http_port: Port = Field(default=8088, description="Port of the HTTP door; 0 = any free one.")
    http_body_max_bytes: Count = Field(
        default=4 * 1024 * 1024, description="Longer request bodies are refused unread; 1,000 items fit several times."
    )
    http_top_up_url: str | None = Field(
        default=None, description="Where people buy credit; every refusal for money (402) then names it."
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address that the metrics of relay, reactor, scheduler and projector listen on.",
    )
    relay_metrics_port: Port = Field(default=9101, description="Port of the relay's `/metrics`; 0 = off.")
    reactor_metrics_port: Port = Field(default=9103, description="Port of the reactor's `/metrics`; 0 = off.")
    scheduler_metrics_port: Port = Field(default=9104, description="Port of the scheduler's `/metrics`; 0 = off.")
    projector_metrics_port: Port = Field(default=9102, description="Port of the projector's `/metrics`; 0 = off.")

    appender_group_max_items: Count = Field(
        default=2_000,
        description="Usage items that share one commit at most, which bounds how long a shard stays locked.",
    )
    appender_queue_max_items: Count = Field(
        default=50_000,
        description="Items waiting before new ones are refused as `overloaded`, so that memory is bounded.",
    )
    appender_cache_max_aggregates: Count = Field(
        default=20_000,
        description="Accounts, workspaces and other aggregates kept in memory; the least recently used leave.",
    )

    relay_batch_max_events: Count = Field(
        default=2_000, description="Events read from the store and sent to Kafka at a time."
    )
    relay_linger_ms: Millis = Field(
        default=50,
        description="How long a busy relay waits for more, as large requests are cheap; an idle one never waits.",
    )
    projector_batch_max_records: Count = Field(
        default=5_000, description="Records folded into the views by one transaction."
    )
    projector_linger_ms: Millis = Field(
        default=50, description="How long a busy projector waits for more; an idle one never waits."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least urgent line to log."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get(SETTINGS_FILE_VARIABLE)
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file))

    def kafka_client_options(self) -> dict[str, str]:
        """What every Kafka client of ours is constructed with: where the brokers are and who we are."""
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        options = {
            "bootstrap_servers": self.kafka_bootstrap_servers,
            "security_protocol": self.kafka_security_protocol,
            "sasl_mechanism": self.kafka_sasl_mechanism,
            "sasl_plain_username": self.kafka_username,
            "sasl_plain_password": password,
            "ssl_cafile": str(self.kafka_ssl_cafile) if self.kafka_ssl_cafile else None,
        }
        return {name: value for name, value in options.items() if value is not None}


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsInvalid when the environment or the file does not fit."""
    file = os.environ.get(SETTINGS_FILE_VARIABLE)
    if file and not Path(file).is_file():
        # A silent fall back to the defaults could write into another ledger than the one that was meant.
        raise SettingsInvalid(f"there is no settings file {file}")
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)]
        raise SettingsInvalid("; ".join(problems)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(f"{file} is not TOML: {error}") from None
