"""A ledger of several processes of each kind, as they are shipped, on real servers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from flow.conftest import events_topic, one, owner, start, topic, traffic
from usage_ledger.embedded.ports import free_port
from usage_ledger.entrypoints.cli.replay import replay
from waiting import eventually

__all__ = ["events_topic", "one", "owner", "start", "topic", "traffic"]

ROLES = ("appender", "relay", "projector", "reader")


@pytest.fixture
def environment(ledger_database: str, kafka_server: str, events_topic: str) -> dict[str, str]:
    """What the processes of this test are told; no other setting of the machine reaches them."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_server,
        "EVENTS_TOPIC": events_topic,
        "COMMANDS_TOPICS": "{}",
        "RELAY_METRICS_PORT": "0",
        "PROJECTOR_METRICS_PORT": "0",
        **{f"POSTGRES_{role.upper()}_DSN": make_conninfo(ledger_database, user=f"ledger_{role}") for role in ROLES},
    }
    ours = {f"USAGE_LEDGER_{name}": value for name, value in told.items()}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("USAGE_LEDGER_")}, **ours}


@pytest.fixture
def serve(start: Callable[..., Any]) -> Callable[[], Any]:
    """Starts one more `serve` on a port of its own; its address is the process's ``url``."""

    def run() -> Any:
        port = free_port()
        process = start("serve", http_port=str(port))
        process.url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(process.url))
        return process

    return run


@pytest.fixture
def holders(owner) -> Callable[[str], dict[int, set[int]]]:
    """The shards of a job that each living worker holds, by process id."""
    query = "SELECT holder, name FROM ledger.leases WHERE starts_with(name, %s) AND until > clock_timestamp()"

    def ask(job: str) -> dict[int, set[int]]:
        held: dict[int, set[int]] = {}
        for holder, name in owner.execute(query, (f"{job}-",)):
            held.setdefault(int(holder.split("-")[-2]), set()).add(int(name.rpartition("-")[2]))
        return held

    return ask


@pytest.fixture
def replayed(environment: dict[str, str]) -> Callable[[], dict[str, Any]]:
    """What `usage-ledger replay` answers."""

    def ask() -> dict[str, Any]:
        result = CliRunner().invoke(replay, ["--json"], env=environment)
        return json.loads(result.stdout.splitlines()[-1])

    return ask


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False
