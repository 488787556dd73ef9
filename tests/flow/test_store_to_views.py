"""Store to view: relay and projector as processes, killed and started again, and every figure still right."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from threading import Event, Thread

import pytest

from publishing.stored import store
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.settings import Settings
from views.recorded import Shard, item, line
from waiting import eventually

POSTED = "SELECT posted FROM views.account_balances WHERE account_id = %s"
REQUESTS = "SELECT coalesce(sum(requests), 0)::int FROM views.usage_daily"
CHECKPOINTS = "SELECT sum(position)::int FROM ledger.relay_checkpoints"
APPLIED = "SELECT sum(position)::int FROM views.progress"
BLOCKED = "SELECT count(*) FROM views.blocked_streams"
SHORT_LEASE = ("--lease-seconds", "1")


class Traffic:
    """Usage of three accounts in each of two shards, appended to the store as fast as it goes."""

    def __init__(self, owner) -> None:
        self.owner = owner
        self.shards = [Shard(0, "acme"), Shard(1, "beta")]
        self.accounts = [(shard, f"{shard.tenant}-{n}") for shard in self.shards for n in range(3)]
        self.items = 0
        for shard, account in self.accounts:
            shard.open_account(account)
        for shard in self.shards:
            store(owner, shard.events)

    def add(self, requests: int) -> None:
        for _ in range(requests):
            for shard in self.shards:
                done = len(shard.events)
                for each, account in self.accounts:
                    if each is shard:
                        self._usage(shard, account)
                store(self.owner, shard.events[done:])

    def _usage(self, shard: Shard, account: str) -> None:
        self.items += 2
        left = -2 * sum(event.stream_id.endswith(f"-{account}") for event in shard.events)
        shard.usage([item(1), item(1)], account_id=account, debits=[line(1300, "debit", 2)], balance_after=left)

    @property
    def events(self) -> int:
        return sum(len(shard.events) for shard in self.shards)


@pytest.fixture
def traffic(owner) -> Traffic:
    return Traffic(owner)


def all_there(one: Callable, traffic: Traffic) -> Callable[[], bool]:
    return lambda: one(APPLIED) == traffic.events


def assert_exact(one: Callable, traffic: Traffic) -> None:
    """Every item is in the views once: balances, debts, statements and totals agree with what was recorded."""
    assert one(BLOCKED) == 0
    assert one(REQUESTS) == traffic.items
    assert one("SELECT sum(overdraft)::int FROM views.account_balances") == traffic.items
    assert one("SELECT sum(posted)::int FROM views.account_balances") == -traffic.items
    assert one("SELECT -sum(effect)::int FROM views.account_entries") == traffic.items


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
        while not stop.is_set():
            traffic.add(10)

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
def test_of_two_processes_one_works_and_the_other_takes_over_when_it_dies(topic, start, traffic, one, job):
    holders = "SELECT count(DISTINCT holder) FROM ledger.leases WHERE name LIKE %s AND until > now()"
    holder = "SELECT min(holder) FROM ledger.leases WHERE name LIKE %s AND until > now()"
    start("projector" if job == "relay" else "relay")
    pair = [start(job, *SHORT_LEASE), start(job, *SHORT_LEASE)]
    traffic.add(2)
    eventually(all_there(one, traffic))
    assert one(holders, f"{job}-%") == 1
    worker = next(process for process in pair if f"-{process.pid}-" in one(holder, f"{job}-%"))
    worker.kill()
    worker.wait()
    traffic.add(2)
    eventually(all_there(one, traffic))
    (survivor,) = [process for process in pair if process is not worker]
    eventually(lambda: f"-{survivor.pid}-" in (one(holder, f"{job}-%") or ""))
    assert_exact(one, traffic)


@pytest.mark.parametrize("job", ["relay", "projector"])
def test_a_process_that_is_told_to_stop_gives_its_shards_back_and_exits_with_0(topic, start, traffic, one, job):
    held = "SELECT count(*) FROM ledger.leases WHERE name LIKE %s AND until > clock_timestamp()"
    process = start(job)
    eventually(lambda: one(held, f"{job}-%") == 4)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    assert one(held, f"{job}-%") == 0


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
