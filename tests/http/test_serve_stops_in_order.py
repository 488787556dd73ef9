"""`usage-ledger serve` as it is shipped: it starts, it says where, and SIGTERM loses nothing that was accepted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from http_door.set_up import bootstrap, environment, settings_for
from http_door.usage import item
from usage_ledger.embedded.ports import free_port
from waiting import eventually

ITEMS = 200


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(ledger_database: str, port: int) -> Iterator:
    running: list[subprocess.Popen[str]] = []
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("USAGE_LEDGER_")}

    def run(**told: str) -> subprocess.Popen[str]:
        own = {f"USAGE_LEDGER_{name.upper()}": value for name, value in told.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "usage_ledger", "serve"],
            env={
                **inherited,
                **environment(settings_for(ledger_database)),
                "USAGE_LEDGER_HTTP_PORT": str(port),
                **own,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_sigterm_answers_what_is_in_flight_keeps_what_was_accepted_and_exits_0(ledger_database, start, port):
    url = f"http://127.0.0.1:{port}"
    process = start()
    eventually(lambda: answers(url))
    headers = {"Authorization": f"Bearer {bootstrap(settings_for(ledger_database))}"}
    accepted: list[str] = []
    refused: list[Exception | int] = []

    def send() -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            for _ in range(ITEMS):
                sent = item()
                try:
                    answer = client.post("/v1/usage", json=sent)
                except httpx.TransportError as error:
                    refused.append(error)
                    return
                if answer.status_code != 200:
                    refused.append(answer.status_code)
                    return
                accepted.append(sent["id"])
                if len(accepted) == 20:
                    process.send_signal(signal.SIGTERM)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    _, logged = process.communicate(timeout=60)
    assert process.returncode == 0, logged
    assert not [each for each in refused if isinstance(each, int)], "a request that was taken was not answered"
    with psycopg.connect(ledger_database) as connection:
        stored = connection.execute("SELECT count(*) FROM ledger.attempts").fetchone()
    assert stored is not None
    assert stored[0] >= len(accepted) >= 20
    assert all(json.loads(line) for line in logged.splitlines())


def test_a_port_in_use_is_a_wrong_set_up(start, port):
    with socket.create_server(("127.0.0.1", port)):
        process = start()
        _, logged = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "cannot listen" in logged


def test_another_shard_count_is_a_wrong_set_up(start):
    process = start(shards="7")
    _, logged = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "4 shards" in logged


def test_an_unreachable_store_exits_3(start):
    nowhere = "host=/nowhere dbname=x user=x"
    process = start(postgres_reader_dsn=nowhere, postgres_appender_dsn=nowhere)
    process.communicate(timeout=60)
    assert process.returncode == 3
