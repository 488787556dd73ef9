"""Settings of a door on a database, and the first admin key as an operator gets it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from usage_ledger.entrypoints.cli.keys import keys
from usage_ledger.settings import Settings

ROLES = ("appender", "reader")


def settings_for(database: str, **others: Any) -> Settings:
    dsns = {f"postgres_{role}_dsn": make_conninfo(database, user=f"ledger_{role}") for role in ROLES}
    return Settings(**dsns, **others)


def run_keys(settings: Settings, *arguments: str) -> Result:
    """`usage-ledger keys …` against the settings' database."""
    return CliRunner().invoke(keys, list(arguments), env=environment(settings))


def bootstrap(settings: Settings) -> str:
    """The whole key."""
    return json.loads(run_keys(settings, "bootstrap", "--json").stdout)["secret"]


def environment(settings: Settings) -> dict[str, str]:
    return {
        f"USAGE_LEDGER_POSTGRES_{role.upper()}_DSN": getattr(settings, f"postgres_{role}_dsn").get_secret_value()
        for role in ROLES
    }
