"""Topic to view is exactly once in effect: whatever comes again, and whoever else writes."""

import pytest
from prometheus_client import REGISTRY

from usage_ledger_views.progress.progress import OffsetMoved
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.views import VIEWS
from views.recorded import item, line

EVERYTHING = """
    SELECT (SELECT json_agg(a ORDER BY a::text)::text FROM views.account_balances a),
           (SELECT json_agg(l ORDER BY l::text)::text FROM views.account_lots l),
           (SELECT json_agg(e ORDER BY e::text)::text FROM views.account_entries e),
           (SELECT json_agg(u ORDER BY u::text)::text FROM views.usage_summary u),
           (SELECT count(*) FROM views.blocked_streams)
"""


def duplicates() -> float:
    return REGISTRY.get_sample_value("usage_ledger_projector_duplicates_total", {"shard": "0"}) or 0.0


@pytest.fixture
def used(shard):
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000, lot="lot-2")
    for left in (900, 800, 700):
        shard.usage([item(100, input=10)], debits=[line(2000, "debit", 100, "lot-2")], balance_after=left)
    return shard


def test_records_that_come_again_change_nothing(used, writer, rows):
    writer.write(used.on_topic())
    before = rows(EVERYTHING)
    counted = duplicates()
    again = [record._replace(offset=record.offset + 5) for record in used.on_topic()]
    writer.write(again)
    assert rows(EVERYTHING) == before
    assert duplicates() == counted + 5
    assert rows("SELECT next_offset, position FROM views.progress WHERE shard = 0") == [(10, 5)]


def test_reading_the_whole_topic_again_changes_nothing(used, writer, projector_connection, rows):
    writer.write(used.on_topic())
    before = rows(EVERYTHING)
    projector_connection.execute("UPDATE views.progress SET next_offset = 0")
    BatchWriter(projector_connection, VIEWS, [0]).write(used.on_topic())
    assert rows(EVERYTHING) == before


def test_of_two_writers_of_a_shard_the_slower_one_writes_nothing(used, writer, projector_connection, rows):
    slower = BatchWriter(projector_connection, VIEWS, [0])
    writer.write(used.on_topic())
    before = rows(EVERYTHING)
    with pytest.raises(OffsetMoved):
        slower.write(used.on_topic())
    assert rows(EVERYTHING) == before


def test_a_batch_and_its_offset_are_written_together_or_not_at_all(used, writer, projector_connection, rows):
    records = used.on_topic()
    writer.write(records[:2])
    before = rows(EVERYTHING)

    class Dies(Exception):
        pass

    def die(cursor, changes):
        raise Dies

    last = VIEWS[-1]
    broken = type(last)(last.name, last.empty, last.appliers, die)
    with pytest.raises(Dies):
        BatchWriter(projector_connection, [*VIEWS[:-1], broken], [0]).write(records[2:])
    assert rows(EVERYTHING) == before
    assert rows("SELECT next_offset FROM views.progress WHERE shard = 0") == [(2,)]


def test_shards_move_on_independently(used, projector_connection, rows):
    other = type(used)(shard=1, tenant="beta")
    other.open_account()
    both = BatchWriter(projector_connection, VIEWS, [0, 1])
    both.write([*used.on_topic(), *other.on_topic()])
    assert rows("SELECT shard, next_offset, position FROM views.progress WHERE shard < 2 ORDER BY 1") == [
        (0, 5, 5),
        (1, 1, 1),
    ]
