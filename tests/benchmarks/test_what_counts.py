"""Which figures count: when something was readable, and whether the books agree with what was sent."""

import pytest

from usage_ledger.benchmarks.answer import bench_answer, books_answer
from usage_ledger.benchmarks.books import Books
from usage_ledger.benchmarks.figures import Round
from usage_ledger.benchmarks.view_watch import Sightings

MS = 1_000_000


@pytest.fixture
def sightings():
    seen = Sightings()
    for shard, position, at_ms in [(0, 5, 10), (0, 5, 20), (0, 9, 30), (1, 4, 40)]:
        seen.note(shard, position, at_ms * MS)
    return seen


@pytest.mark.parametrize(("places", "seen_ms"), [({0: 5}, 10), ({0: 1}, 10), ({0: 6}, 30), ({0: 5, 1: 4}, 40), ({}, 0)])
def test_places_are_readable_once_the_last_shard_has_come_so_far(sightings, places, seen_ms):
    assert sightings.seen_ns(places) == seen_ms * MS


@pytest.mark.parametrize("places", [{0: 10}, {0: 5, 1: 5}, {2: 1}])
def test_what_was_not_seen_is_not_readable(sightings, places):
    assert sightings.seen_ns(places) is None


def test_delays_count_from_the_acknowledgement_and_are_never_negative(sightings):
    acked = [(5 * MS, {0: 5}), (35 * MS, {0: 9}), (1 * MS, {0: 10})]
    assert sightings.delays_ms(acked) == [5.0, 0]


BOOKS = Books(view_items=100, charged=5, entries=1, trial_balance=0)


def test_books_that_agree_have_no_fault():
    assert BOOKS.faults(sent=100, accepted=100) == []


@pytest.mark.parametrize(
    ("books", "accepted", "fault"),
    [
        (BOOKS, 99, "100 items were sent, 99 accepted"),
        (BOOKS._replace(view_items=99), 100, "100 items were sent, the views have 99"),
        (BOOKS._replace(view_items=101), 100, "100 items were sent, the views have 101"),
        (BOOKS._replace(charged=0), 100, "nothing was charged"),
        (BOOKS._replace(entries=0), 100, "there are no journal entries"),
        (BOOKS._replace(trial_balance=-1), 100, "debits and credits differ by -0.000000001"),
    ],
)
def test_books_that_disagree_say_where(books, accepted, fault):
    assert books.faults(sent=100, accepted=accepted) == [fault]


def test_the_answer_has_the_members_that_were_promised():
    ours = Round(items=400, seconds=2.0, ack_ms=[1.0], cpu_s={"serve": 0.004}, view_ms=[2.0])
    theirs = Round(items=100, seconds=1.0, ack_ms=[3.0], cpu_s={"postgres": 0.001})
    answer = bench_answer("pipeline", {"shape": "narrow", "rate": None}, {"pipeline": [ours], "textbook": [theirs]})
    assert answer.pop("machine").keys() == {"cpu", "cpus", "memory_gb", "system", "python"}
    assert answer.pop("version")
    assert answer == {
        "bench": "pipeline",
        "shape": "narrow",
        "seconds": 2.0,
        "items": 400,
        "items_per_s": 200,
        "ack_ms": {"p50": 1.0, "p99": 1.0},
        "view_ms": {"p50": 2.0, "p99": 2.0},
        "cpu_us_per_item": {"total": 10.0, "serve": 10.0},
        "ratio": {"textbook": 2.0},
        "compared": {
            "textbook": {
                "items": 100,
                "items_per_s": 100,
                "ack_ms": {"p50": 3.0, "p99": 3.0},
                "cpu_us_per_item": {"total": 10.0, "postgres": 10.0},
            }
        },
        "rounds": [{"pipeline": 200, "textbook": 100}],
    }


def test_a_benchmark_alone_has_no_ratio():
    answer = bench_answer("pipeline", {}, {"pipeline": [Round(1, 1.0, [], {})]})
    assert not {"ratio", "compared", "ack_ms", "view_ms"} & answer.keys()


def test_money_of_the_books_is_decimal_text():
    answer = books_answer(BOOKS, sent=100)
    assert (answer["charged"], answer["trial_balance"]) == ("0.000000005", "0.00")
