"""Store to view: relay and projector as processes, killed and started again, and every figure still right."""

from __future__ import annotations

import json
import signal
from threading import Event, Thread

import httpx
import pytest

from flow.traffic import APPLIED, all_there, assert_exact
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.embedded.ports import free_port
from usage_ledger.settings import Settings
from waiting import eventually

CHECKPOINTS = "SELECT sum(position)::int FROM ledger.relay_checkpoints"
SHORT_LEASE = ("--lease-seconds", "2")


def test_what_is_recorded_is_seen_in_the_views(topic, start, traffic, one):
    start("relay")
    start("projector")
    traffic.add(5)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)


def test_a_projector_killed_under_load_again_and_again_counts_everything_once(topic, start, traffic, one):
    start("relay")
    stop = Event()

    def load() -> None:
        while not stop.wait(0.02):
            traffic.add(2)

    loading = Thread(target=load)
    loading.start()
    try:
        for _ in range(3):
            before = one(APPLIED) or 0
            projector = start("projector", "--lease-seconds", "0.5", projector_batch_max_records="20")
            eventually(lambda at=before: (one(APPLIED) or 0) > at + 20)
            projector.kill()
            projector.wait()
    finally:
        stop.set()
        loading.join()
    start("projector")
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)


def test_a_relay_killed_under_load_leaves_no_hole(topic, start, traffic, one):
    start("projector")
    for _ in range(3):
        relay = start("relay", "--lease-seconds", "0.5", relay_batch_max_events="7")
        before = one(CHECKPOINTS)
        traffic.add(10)
        eventually(lambda at=before: one(CHECKPOINTS) > at)
        relay.kill()
        relay.wait()
    start("relay", *SHORT_LEASE)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)


@pytest.mark.parametrize("job", ["relay", "projector"])
def test_a_process_that_is_told_to_stop_gives_its_shards_back_and_exits_with_0(topic, start, traffic, one, job):
    held = "SELECT count(*) FROM ledger.leases WHERE name LIKE %s AND until > clock_timestamp()"
    process = start(job)
    eventually(lambda: one(held, f"{job}-%") == 4)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    assert one(held, f"{job}-%") == 0


@pytest.mark.parametrize(
    ("job", "metric"),
    [
        ("relay", 'usage_ledger_relay_published_total{shard="0"} 3.0'),
        ("projector", 'usage_ledger_projector_applied_total{shard="0"} 3.0'),
    ],
)
def test_a_process_shows_metrics_and_logs_json_with_static_event_names(topic, start, traffic, one, job, metric):
    port = free_port()
    start("projector" if job == "relay" else "relay")
    process = start(job, **{f"{job}_metrics_port": str(port)})
    eventually(all_there(one, traffic))
    eventually(lambda: metric in httpx.get(f"http://127.0.0.1:{port}/metrics").text)
    process.send_signal(signal.SIGTERM)
    process.wait()
    lines = [json.loads(each) for each in process.log.read_text().splitlines()]
    assert f"{job}_serves" in [each["event"] for each in lines]
    assert all({"at", "level", "event", "process"} <= each.keys() for each in lines)
    assert {each["process"] for each in lines} == {job}


def test_a_relay_halts_with_exit_code_2_when_kafka_is_ahead_of_the_store(topic, start, traffic, one, owner):
    relay = start("relay")
    eventually(lambda: one(CHECKPOINTS) == traffic.events)
    relay.send_signal(signal.SIGTERM)
    relay.wait()
    # As after a restore of yesterday's backup: the store ends earlier than what readers have seen.
    owner.execute("DELETE FROM ledger.events WHERE shard = 0 AND position > 1")
    owner.execute("UPDATE ledger.shards SET last_position = 1 WHERE shard = 0")
    owner.execute("UPDATE ledger.relay_checkpoints SET position = 1 WHERE shard = 0")
    halted = start("relay")
    assert halted.wait() == 2
    *log, said = halted.log.read_text().splitlines()
    events = [json.loads(each) for each in log]
    assert [(each["shard"], each["reason"]) for each in events if each["event"] == "relay_halted"] == [
        (0, "kafka_ahead")
    ]
    assert "kafka_ahead" in said


def test_a_topic_that_was_made_anew_is_filled_from_the_first_event_and_views_do_not_double(
    topic, start, traffic, one, owner, environment
):
    relay, projector = start("relay"), start("projector")
    eventually(all_there(one, traffic))
    for process in (relay, projector):
        process.send_signal(signal.SIGTERM)
        process.wait()
    # The old topic was longer than the new one ever gets: reading cannot go on where it left off.
    owner.execute("UPDATE views.progress SET next_offset = next_offset + 1000000")
    other = {"events_topic": f"{topic}-again"}
    servers = environment["USAGE_LEDGER_KAFKA_BOOTSTRAP_SERVERS"]
    create_topics(Settings(kafka_bootstrap_servers=servers, **other))
    start("relay", **other)
    start("projector", **other)
    traffic.add(3)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)
