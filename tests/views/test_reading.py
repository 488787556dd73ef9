"""What all reads share: snapshots that cannot write, bounded pages, and waiting for a position."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from usage_ledger.adapters.postgres.read_pool import read_pool
from usage_ledger_views.reading.as_of import as_of
from usage_ledger_views.reading.operations import read_progress
from usage_ledger_views.reading.page import clamp, cursor_after, key_of
from usage_ledger_views.reading.wait_for import wait_for


@pytest.fixture
def in_pool(ledger_database):
    """Runs something with an open pool of the reader's role."""

    async def run(work):
        async with read_pool(make_conninfo(ledger_database, user="ledger_reader"), 2, 30_000) as pool:
            return await work(pool)

    return lambda work: asyncio.run(run(work))


def test_waiting_ends_when_the_views_have_reached_the_position(in_pool, shard, writer):
    shard.open_account()
    shard.purchase(1, balance_after=1)
    first, second = shard.on_topic()
    writer.write([first])

    async def write_while_waiting(pool):
        waiting = asyncio.create_task(wait_for(pool, 0, 2))
        assert not await wait_for(pool, 0, 2, timeout_s=0)
        await asyncio.to_thread(writer.write, [second])
        return await waiting

    assert in_pool(write_while_waiting)


def test_waiting_for_what_does_not_come_says_so(in_pool, shard, writer):
    shard.open_account()
    writer.write(shard.on_topic())
    assert not in_pool(lambda pool: wait_for(pool, 0, 2, timeout_s=0.02))
    assert not in_pool(lambda pool: wait_for(pool, 3, 1, timeout_s=0.02))


def test_everything_asked_on_one_connection_belongs_to_one_snapshot(in_pool, shard, writer):
    shard.open_account()
    shard.purchase(1, balance_after=1)
    first, second = shard.on_topic()
    writer.write([first])

    async def ask_twice(pool):
        async with pool.connection() as connection:
            before = await as_of(connection, 0)
            await asyncio.to_thread(writer.write, [second])
            again = await as_of(connection, 0)
        async with pool.connection() as connection:
            return before, again, await as_of(connection, 0)

    before, again, after = in_pool(ask_twice)
    assert before == again
    assert (before.position, after.position) == ("0-1", "0-2")


def test_a_read_cannot_write(ledger_database):
    async def write_as_projector():
        # Even with a role that may write, a connection for reads refuses.
        dsn = make_conninfo(ledger_database, user="ledger_projector")
        async with read_pool(dsn, 1, 30_000) as pool, pool.connection() as connection:
            await connection.execute("DELETE FROM views.progress")

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        asyncio.run(write_as_projector())


def test_progress_is_shown_by_shard(in_pool, shard, writer):
    shard.open_account()
    writer.write(shard.on_topic())

    async def progress(pool):
        async with pool.connection() as connection:
            return await read_progress(connection)

    (found,) = in_pool(progress)
    assert (found.shard, found.position, found.next_offset) == (0, 1, 1)
    assert found.recorded_at == shard.events[0].recorded_at


@pytest.mark.parametrize(("asked", "given"), [(None, 50), (0, 1), (-5, 1), (1, 1), (250, 250), (9_999, 250)])
def test_a_page_has_50_items_unless_asked_and_never_more_than_250(asked, given):
    assert clamp(asked) == given


@pytest.mark.parametrize("key", [(1, 2), (2**62, 0)])
def test_a_cursor_gives_back_what_it_was_made_from(key):
    assert key_of(cursor_after(key), tuple[int, int]) == key
