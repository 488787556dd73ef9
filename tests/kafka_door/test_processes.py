"""Processes die, stop and share; Postgres and Kafka go away and come back. Nothing is lost and nothing is doubled."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from kafka_door.conftest import settings_on
from kafka_door.gateway import Gateway
from kafka_door.processes import Serve
from kafka_door.test_bad_input import OPENING, TOLD_AND_KEPT, UNREADABLE, framed
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.embedded.ports import free_port
from usage_ledger.settings import Settings
from usage_ledger_schemas import codec, frames
from waiting import eventually

pytestmark = pytest.mark.timeout(240)

Start = Callable[..., Serve]


@pytest.fixture
def settings(kafka_server: str, ledger_database: str) -> Settings:
    return settings_on(kafka_server, ledger_database)


@pytest.fixture
def commands(settings: Settings) -> str:
    """The topic that speaks for everybody but the platform."""
    return next(name for name in settings.commands_topics if name.startswith("gateway-"))


@pytest.fixture
def start(settings: Settings, tmp_path) -> Iterator[Start]:
    started: list[Serve] = []

    def serve(**others: Any) -> Serve:
        told = settings.model_copy(update=others)
        started.append(Serve(told, tmp_path / f"serve-{len(started)}.log"))
        return started[-1].__enter__()

    yield serve
    for serve_process in started:
        serve_process.kill()


@pytest.fixture
def to(settings: Settings) -> Iterator[Gateway]:
    gateway = Gateway(settings.kafka_bootstrap_servers, settings.outcomes_topic)
    yield gateway
    gateway.close()


@pytest.fixture
def ask(ledger_database: str) -> Callable[..., Any]:
    """The only column of the only row that a query answers."""

    def one(query: str, *values: object) -> Any:
        with psycopg.connect(ledger_database) as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    return one


def opening(command_id: str, tenant: str = "acme") -> bytes:
    command = {**OPENING, "account_id": command_id}
    return frames.command_frame("OpenAccount", command, command_id=command_id, tenant=tenant, sent_at=0)


def test_killed_between_effect_and_outcome_it_takes_effect_once_and_the_outcome_comes(
    settings, commands, start, to, ask
):
    """The outcomes topic is missing, so the first process cannot get past the effect."""
    create_topics(settings.model_copy(update={"outcomes_topic": f"unused-{uuid4().hex}"}))
    first = start()
    for number in range(5):
        to.put(commands, opening(f"c{number}"))
    eventually(lambda: ask("SELECT count(*) FROM ledger.commands") == 5)
    first.kill()
    create_topics(settings)
    start()
    outcomes = [to.outcome("acme", f"c{number}") for number in range(5)]
    assert [(each["outcome"], each["replayed"]) for each in outcomes] == [("accepted", True)] * 5
    assert ask("SELECT count(*) FROM ledger.events") == 5


def test_killed_before_its_offsets_are_committed_it_publishes_the_outcomes_again(settings, commands, start, to, ask):
    create_topics(settings)
    first = start()
    places = [to.put(commands, opening(f"c{number}"), partition=0) for number in range(5)]
    assert [to.outcome("acme", f"c{number}")["replayed"] for number in range(5)] == [False] * 5
    first.kill()
    uncommit(settings, commands, places[0].offset)
    start()
    again = [to.outcomes("acme", f"c{number}", 2)[1] for number in range(5)]
    assert [(each["outcome"], each["replayed"]) for each in again] == [("accepted", True)] * 5
    assert ask("SELECT count(*) FROM ledger.events") == 5


def uncommit(settings: Settings, topic: str, offset: int) -> None:
    """Makes the group's offset what it was before. Kafka allows it once it misses the dead member."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, group_id=settings.commands_group, enable_auto_commit=False
    )
    place = TopicPartition(topic, 0)
    consumer.assign([place])

    def done() -> bool:
        try:
            consumer.commit({place: OffsetAndMetadata(offset, "", -1)})
        except KafkaError:
            return False
        return True

    eventually(done)
    consumer.close()


def test_a_dead_letter_that_is_delivered_again_is_kept_once(settings, commands, start, to, ask):
    create_topics(settings)
    first = start()
    place = to.put(commands, b"garbage", partition=0)
    eventually(lambda: ask("SELECT count(*) FROM ledger.dead_letters") == 1)
    first.kill()
    uncommit(settings, commands, place.offset)
    second = start()
    to.put(commands, opening("after"), partition=0)
    assert to.outcome("acme", "after")["outcome"] == "accepted"
    assert second.metric("dead_letters_total") == {'reason="not_a_frame"': 1.0}
    assert ask("SELECT count(*) FROM ledger.dead_letters") == 1


@pytest.fixture
def cut_off(postgres_server: str, ledger_database: str) -> Iterator[Callable[[bool], None]]:
    """Closes the test's database to everybody, or opens it again."""
    name = str(conninfo_to_dict(ledger_database)["dbname"])
    change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")

    def cut(is_cut: bool) -> None:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(change.format(sql.Identifier(name), sql.Literal(not is_cut)))
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    yield cut
    cut(False)


def test_while_postgres_is_away_nothing_is_lost_and_order_is_kept(settings, commands, start, to, ask, cut_off):
    create_topics(settings)
    serve = start()
    cut_off(True)
    life = [
        ("OpenAccount", OPENING),
        ("RecordPurchase", {"account_id": "main", "amount": "5", "payment_ref": "p"}),
        ("RegisterWorkspace", {"workspace_id": "ws", "account_id": "main"}),
    ]
    sent = [to.send(commands, "acme", *step) for step in life]
    to.put(commands, b"garbage", key="acme")
    eventually(lambda: serve.metric("kafka_door_retries_total").get('reason="unavailable"', 0) >= 2)
    cut_off(False)
    assert [to.outcome("acme", command_id)["outcome"] for command_id in sent] == ["accepted"] * 3
    eventually(lambda: ask("SELECT count(*) FROM ledger.dead_letters") == 1)


def members(settings: Settings) -> list[Any]:
    """Members of the group, once it has shared the partitions out among them."""
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    group = admin.describe_groups([settings.commands_group])[settings.commands_group]
    admin.close()
    return group["members"] if group["group_state"] == "Stable" else []


def test_partitions_that_come_while_postgres_is_away_lose_nothing_either(settings, commands, start, to, ask, cut_off):
    create_topics(settings)
    first, second = start(), start()
    eventually(lambda: len(members(settings)) == 2)
    cut_off(True)
    for number in range(12):
        to.put(commands, opening(f"c{number}"), partition=number % 4)
    for process in (first, second):
        eventually(lambda process=process: process.metric("kafka_door_retries_total"))
    second.kill()
    eventually(lambda: len(members(settings)) == 1)
    cut_off(False)
    assert {to.outcome("acme", f"c{number}")["outcome"] for number in range(12)} == {"accepted"}
    assert ask("SELECT count(*) FROM ledger.events") == 12


def held(serve: Serve, topic: str) -> set[str]:
    return {labels for labels in serve.metric("kafka_door_lag_records") if f'"{topic}"' in labels}


def test_two_processes_share_the_partitions_and_one_takes_over_when_the_other_dies(settings, commands, start, to, ask):
    create_topics(settings)
    first, second = start(), start()
    eventually(lambda: len(held(first, commands)) == len(held(second, commands)) == 2)
    for number in range(40):
        to.put(commands, opening(f"c{number}"), partition=number % 4)
    assert {to.outcome("acme", f"c{number}")["outcome"] for number in range(40)} == {"accepted"}
    assert all(process.metric("kafka_door_records_total")['outcome="accepted"'] > 0 for process in (first, second))
    first.kill()
    for number in range(40, 80):
        to.put(commands, opening(f"c{number}"), partition=number % 4)
    assert {to.outcome("acme", f"c{number}")["outcome"] for number in range(40, 80)} == {"accepted"}
    assert ask("SELECT count(*) FROM ledger.events") == 80


def test_sigterm_finishes_what_was_handed_in_and_the_next_one_goes_on_from_there(settings, commands, start, to, ask):
    create_topics(settings)
    first = start()
    to.put_all(commands, [opening(f"c{number}") for number in range(300)], key="acme")
    eventually(lambda: (ask("SELECT count(*) FROM ledger.commands") or 0) > 20)
    assert first.stop() == 0
    start()
    assert {to.outcome("acme", f"c{number}")["outcome"] for number in range(300)} == {"accepted"}
    assert ask("SELECT count(*) FROM ledger.events") == 300


class Way:
    """A way to Kafka that is closed until it is opened."""

    def __init__(self, servers: str) -> None:
        host, port = servers.split(":")
        self._target = (host, int(port))
        self.port = free_port()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            there = socket.create_connection(self._target)
            for source, target in ((here, there), (there, here)):
                threading.Thread(target=_pour, args=(source, target), daemon=True).start()

    def close(self) -> None:
        self._listener.close()


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def test_without_kafka_http_is_served_and_the_door_opens_once_kafka_is_there(settings, commands, start, to):
    create_topics(settings)
    way = Way(settings.kafka_bootstrap_servers)
    serve = start(kafka_bootstrap_servers=f"127.0.0.1:{way.port}")
    eventually(lambda: "kafka_door_interrupted" in serve.log.read_text())
    assert serve.is_ready()
    to.put(commands, opening("c"))
    way.open()
    assert to.outcome("acme", "c")["outcome"] == "accepted"
    way.close()


def test_without_kafka_sigterm_is_obeyed(start):
    serve = start(kafka_bootstrap_servers=f"127.0.0.1:{free_port()}")
    assert serve.stop() == 0


def test_nothing_of_a_dead_letters_content_is_logged(settings, commands, start, to, ask):
    create_topics(settings)
    serve = start(log_level="debug")
    marker = "hunter2" * 3
    payload = frames.single_object("OpenAccount", {**OPENING, "zone": marker})
    frame = framed(payload, tenant=marker)
    bad = [
        marker.encode(),
        codec.frame(bytes(8), marker.encode()),
        frame[:-1],
        frame + marker.encode(),
        framed(payload, command_id=marker + "/"),
        framed(payload[:-1], tenant=marker),
        framed(payload, tenant="platform", command_id=marker),
        framed(payload, "RecordUsage", tenant=marker),
        framed(marker.encode(), "IssueServiceKey", tenant=marker),
        *(value for value, _ in (*UNREADABLE.values(), *TOLD_AND_KEPT.values())),
    ]
    to.put_all(commands, bad, key="t")
    to.put(commands, opening("last"), key="t")
    assert to.outcome("acme", "last")["outcome"] == "accepted"
    eventually(lambda: ask("SELECT count(*) FROM ledger.dead_letters") == len(bad) - 1)
    assert serve.stop() == 0
    logged = serve.log.read_text()
    assert serve.logged()
    for form in (marker, marker.encode().hex(), "Open Account", "x" * 100):
        assert form not in logged
