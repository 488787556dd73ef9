"""The textbook ledger is an honest one, the floor writes the ledger's own bytes, and both run from a process apart."""

import os
from datetime import UTC, datetime

import psycopg
import pytest

from usage_ledger.benchmarks import floor_load, textbook
from usage_ledger.benchmarks.dedupe_layouts import LAYOUTS
from usage_ledger.benchmarks.dedupe_study import study
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.load_process import LoadProcess
from usage_ledger.benchmarks.places import PostgresPlace
from usage_ledger.benchmarks.real_bytes import rows_of_commits
from usage_ledger.benchmarks.rivals import Floor, Textbook
from usage_ledger.benchmarks.shapes import NARROW
from usage_ledger.benchmarks.textbook import TextbookItem, Totals, book_batch, book_one, book_pipelined, rate
from usage_ledger.benchmarks.textbook_load import TextbookJob
from usage_ledger_schemas import codec

CALLS = NARROW.calls(20)
ITEMS = [TextbookItem(f"k-{n}", call, datetime.now(UTC), b"content", rate(call)) for n, call in enumerate(CALLS)]
ROUND_S = 0.3


def one_by_one(connection, items):
    return sum(book_one(connection, item) for item in items)


@pytest.fixture
def connection(database):
    textbook.create(database, NARROW.accounts)
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("book", [one_by_one, book_batch, book_pipelined])
def test_the_textbook_ledger_books_each_item_once_and_balances(database, connection, book):
    assert book(connection, ITEMS[:12]) == 12
    assert book(connection, ITEMS[8:]) == 8
    assert textbook.totals(database) == Totals(items=20, charged=sum(item.charged for item in ITEMS), difference=0)


@pytest.mark.parametrize("book", [book_batch, book_pipelined])
def test_an_item_twice_in_a_batch_is_booked_once(connection, book):
    assert book(connection, [ITEMS[0], ITEMS[0]]) == 1


def test_the_rivals_are_measured(database):
    rival = Textbook(database, os.getpid(), NARROW)
    floor = Floor(database, os.getpid(), NARROW, batch=10)
    for measure in (rival.measure_singles, rival.measure_batches, rival.measure_pipelined, floor.measure):
        measured = measure(ROUND_S)
        assert measured.items > 0
        assert measured.cpu_s.keys() == {"postgres", "load"}
    rival.require_balance()


def test_a_textbook_ledger_that_does_not_add_up_is_no_rival(database):
    rival = Textbook(database, os.getpid(), NARROW)
    rival.measure_batches(ROUND_S)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE textbook.lines SET amount = amount + 1 WHERE entry = 1 AND code = %s", (2_000,))
    with pytest.raises(BenchmarkFailed, match="difference=1"):
        rival.require_balance()


def test_the_floor_copies_what_the_ledger_stores(database):
    (rows,) = rows_of_commits(NARROW.calls(), batch=5, commits=1)
    assert rows.items == len(rows.attempts) == 50
    decoded = [codec.decode(row.fingerprint, row.body) for row in rows.events]
    assert {name for name, _ in decoded} == {"UsageRecorded"}
    assert sum(len(record["lines"]) for _, record in decoded) == 50
    floor_load.create(database)
    result = floor_load.prepare(floor_load.FloorJob(database, NARROW.name, 5, ROUND_S))()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM floor.attempts").fetchone() == (result.sent,)


def test_a_load_that_cannot_work_fails_its_benchmark(capfd):
    job = TextbookJob("host=/nowhere", NARROW.name, "t", 1, is_pipelined=False, connections=1, seconds=1)
    with LoadProcess("usage_ledger.benchmarks.textbook_load", job) as load, pytest.raises(BenchmarkFailed):
        load.wait_until_ready()
    assert "/nowhere" in capfd.readouterr().err


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_studied(database, name):
    place = PostgresPlace(database, os.getpid())
    (figures,) = study(place, [name], 1_000, lambda _: None, window_rows=2_000)
    assert figures["layout"] == name
    assert figures["wal_bytes"] > 0
    assert figures["bytes_a_row"] > 50
