"""What is sent through the two doors, and when."""

import msgspec

from usage_ledger.benchmarks.pace import Pace
from usage_ledger.benchmarks.shapes import NARROW
from usage_ledger.benchmarks.usage_bodies import UsageBodies
from usage_ledger.benchmarks.usage_frames import UsageFrames
from usage_ledger.entrypoints.http.usage_request import decode_usage
from usage_ledger.entrypoints.kafka_door.frame import read_frame
from usage_ledger.entrypoints.kafka_door.payload import read_payload
from usage_ledger.entrypoints.kafka_door.usage_items import read_batch

CALLS = NARROW.calls(150)


def over_http(first, batch):
    return decode_usage(UsageBodies(CALLS, "p", batch).body(first)).batch.items


def over_kafka(first, batch):
    _, record = read_payload(read_frame(UsageFrames(CALLS, "p", batch).frame(first, "command")))
    return read_batch(record).items


def test_a_request_holds_the_calls_in_their_order_and_begins_again_at_the_end():
    items = over_http(100, 100)
    assert [item.id for item in items] == [f"p-{number}" for number in range(100, 200)]
    sent = [(item.tenant, item.workspace_id, *item.usage.values()) for item in items]
    assert sent == [(call.place.tenant, call.place.workspace_id, *call[1:]) for call in CALLS[100:] + CALLS[:50]]


def test_both_doors_get_the_same_items():
    now = over_http(0, 1)[0].occurred_at
    for batch in (1, 63, 64, 100, 1_000):
        http, kafka = over_http(0, batch), over_kafka(0, batch)
        assert [msgspec.structs.replace(item, occurred_at=now) for item in http] == [
            msgspec.structs.replace(item, occurred_at=now) for item in kafka
        ]


def test_a_rate_says_when_each_batch_is_due_however_late_it_is_sent():
    pace = Pace(batch=100, seconds=60, rate=1_000)
    turns = [pace.next() for _ in range(3)]
    assert [turn.first for turn in turns] == [0, 100, 200]
    assert [turn.due_ns - pace.began_ns for turn in turns] == [0, 100_000_000, 200_000_000]
    assert pace.items == 300


def test_a_rate_hands_out_no_batch_beyond_the_time():
    pace = Pace(batch=10, seconds=60, rate=0.4)
    turns = [pace.next() for _ in range(4)]
    assert [turn is None for turn in turns] == [False, False, False, True]


def test_without_a_rate_a_batch_is_due_when_it_is_asked_for():
    pace = Pace(batch=10, seconds=60, rate=None)
    first, second = pace.next(), pace.next()
    assert pace.began_ns <= first.due_ns <= second.due_ns


def test_no_time_is_no_batch():
    assert Pace(batch=10, seconds=0, rate=None).next() is None
