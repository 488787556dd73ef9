"""What cannot be applied blocks its stream and only its stream, and is never skipped in silence."""

from hashlib import shake_256

import pytest

from usage_ledger_schemas import codec
from usage_ledger_views.account_balances.queries import read_balance
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.reading.operations import list_blocked_streams
from usage_ledger_views.views import VIEWS
from views.recorded import ACCOUNT, FakeRecord, detail, item, line, price


@pytest.fixture
def two_accounts(shard):
    """Two accounts in one shard: `main` and `other`, each opened and with one purchase. Offsets 0 to 3."""
    shard.open_account("main")
    shard.open_account("other")
    shard.purchase(10, balance_after=10, account_id="main")
    shard.purchase(10, balance_after=10, account_id="other")
    return shard


def posted(ask, account_id):
    found = ask(lambda connection: read_balance(connection, 0, "acme", account_id))
    return found.account.posted, found.incomplete


def blocked(ask):
    return [
        (stream.stream_id, stream.reason, stream.record_offset, stream.position, stream.last_version)
        for stream in ask(lambda connection: list_blocked_streams(connection, 10))[0]
    ]


def test_a_gap_blocks_only_its_stream(two_accounts, writer, ask):
    two_accounts.purchase(10, balance_after=20, account_id="main", lot="lot-3")
    records = [record for record in two_accounts.on_topic() if record.offset != 2]
    writer.write(records)
    assert blocked(ask) == [(ACCOUNT, "gap", 4, 5, 1)]
    assert posted(ask, "main") == (0, True)
    assert posted(ask, "other") == (10, False)


def test_a_blocked_stream_stays_blocked_for_later_batches_and_later_projectors(
    two_accounts, writer, projector_connection, ask
):
    records = two_accounts.on_topic()
    writer.write([records[1], records[2]])
    assert blocked(ask) == [(ACCOUNT, "gap", 2, 3, 0)]
    BatchWriter(projector_connection, VIEWS, [0]).write([records[3], records[0]._replace(offset=9)])
    assert blocked(ask) == [(ACCOUNT, "gap", 2, 3, 0)]
    assert ask(lambda connection: read_balance(connection, 0, "acme", "main")) is None
    assert posted(ask, "other") == (10, False)


def poison_of(record: FakeRecord) -> dict[str, FakeRecord]:
    value = record.value or b""
    return {
        "nothing": record._replace(value=None),
        "no frame": record._replace(value=b"{}"),
        "unknown schema": record._replace(value=value[:2] + bytes(8) + value[10:]),
        "cut short": record._replace(value=value[:-1]),
        "a command": record._replace(value=codec.frame(codec.fingerprint("WireProxy"), codec.encode("WireProxy", {}))),
        "trailing bytes": record._replace(value=value + b"\0"),
        "no headers": record._replace(headers=[]),
        "short version": record._replace(headers=[("version", b"\1"), *record.headers[1:]]),
    }


@pytest.mark.parametrize("kind", ["nothing", "no frame", "unknown schema", "cut short", "trailing bytes", "a command"])
def test_a_poison_record_blocks_only_its_stream(two_accounts, writer, ask, kind):
    records = two_accounts.on_topic()
    records[2] = poison_of(records[2])[kind]
    writer.write(records)
    assert blocked(ask) == [(ACCOUNT, "undecodable", 2, 3, 1)]
    assert posted(ask, "main") == (0, True)
    assert posted(ask, "other") == (10, False)


def test_a_good_copy_after_a_poison_record_does_not_go_on_with_the_stream(two_accounts, writer, ask):
    records = two_accounts.on_topic()
    writer.write([*records[:2], records[2]._replace(value=b"poison"), records[2]._replace(offset=3)])
    assert blocked(ask) == [(ACCOUNT, "undecodable", 2, 3, 1)]
    assert posted(ask, "main") == (0, True)


@pytest.mark.parametrize("kind", ["no headers", "short version"])
def test_a_record_that_does_not_say_its_version_blocks_only_its_stream(two_accounts, writer, ask, kind):
    records = two_accounts.on_topic()
    records[2] = poison_of(records[2])[kind]
    writer.write(records)
    assert [row[:3] for row in blocked(ask)] == [(ACCOUNT, "undecodable", 2)]
    assert posted(ask, "other") == (10, False)


@pytest.mark.parametrize("key", [None, b"", b"\xff\0", shake_256().hexdigest(5_000).encode()])
def test_a_record_whose_key_is_no_stream_id_stops_nobody(two_accounts, writer, ask, key):
    records = two_accounts.on_topic()
    stray = FakeRecord(0, 4, key, b"stray", [])
    writer.write([*records[:2], stray._replace(offset=2), *(r._replace(offset=r.offset + 1) for r in records[2:])])
    assert [row[1:3] for row in blocked(ask)] == [("undecodable", 2)]
    assert posted(ask, "main") == (10, False)
    assert posted(ask, "other") == (10, False)


def test_an_event_that_no_view_understands_in_full_blocks_only_its_stream(two_accounts, writer, ask):
    unknown = detail(other_buckets=[{"bucket": "dreams", "quantity": 1}])
    two_accounts.usage([item(1, detail=unknown)], debits=[line(1300, "debit", 1)], balance_after=9)
    two_accounts.purchase(10, balance_after=20, account_id="other", lot="lot-3")
    writer.write(two_accounts.on_topic())
    assert [row[:3] for row in blocked(ask)] == [(ACCOUNT, "apply_failed", 4)]
    assert posted(ask, "main") == (10, True)
    assert posted(ask, "other") == (20, False)


@pytest.mark.parametrize("cause", ["text that Postgres cannot store", "an unknown account"])
def test_an_event_that_cannot_be_written_blocks_only_its_stream(two_accounts, writer, ask, cause):
    usage = {
        "text that Postgres cannot store": {"lines": [item(1)], "prices": [price("model\0")]},
        "an unknown account": {"lines": [item(1)], "account_id": "ghost"},
    }[cause]
    stream = two_accounts.usage(debits=[line(1300, "debit", 1)], balance_after=9, **usage).stream_id
    two_accounts.purchase(10, balance_after=20, account_id="other", lot="lot-3")
    writer.write(two_accounts.on_topic())
    assert [row[:3] for row in blocked(ask)] == [(stream, "write_failed", 4)]
    assert posted(ask, "other") == (20, False)
    assert posted(ask, "main")[0] == 10


def test_many_bad_events_block_their_streams_one_by_one(shard, writer, ask):
    bad = detail(other_buckets=[{"bucket": "dreams", "quantity": 1}])
    for n in range(12):
        shard.open_account(f"a{n}")
        shard.usage(
            [item(1, detail=bad if n % 3 == 0 else None)],
            account_id=f"a{n}",
            debits=[line(1300, "debit", 1)],
            balance_after=-1,
        )
    writer.write(shard.on_topic())
    assert {row[0] for row in blocked(ask)} == {f"acme/account-a{n}" for n in (0, 3, 6, 9)}
    assert [posted(ask, f"a{n}") for n in (0, 1, 2)] == [(0, True), (-1, False), (-1, False)]
