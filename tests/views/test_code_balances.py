"""Debits and credits by code: every entry is in, whichever event carried it, and debits equal credits."""

from __future__ import annotations

from importlib.resources import files

import pytest

from usage_ledger_schemas.registry import SCHEMAS
from usage_ledger_views.account_balances.history import Point
from usage_ledger_views.code_balances.apply import APPLIERS
from usage_ledger_views.code_balances.queries import read_trial_balance, read_trial_balance_of_all
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.views import VIEWS
from views.recorded import Shard, item, line

LARGEST = 2**63 - 1


@pytest.fixture
def used(shard):
    """A purchase, a grant and usage beyond both: codes 1000, 1300, 2000, 4010 and 5020. Positions 1 to 4."""
    shard.open_account()
    shard.purchase(1_000, balance_after=1_000)
    shard.grant(100, balance_after=1_100, lot="lot-3")
    debits = [line(2000, "debit", 1_000, "lot-2"), line(2000, "debit", 100, "lot-3"), line(1300, "debit", 50)]
    shard.usage([item(1_150)], debits=debits, balance_after=-50)
    return shard


def sides(balance):
    return {
        each.currency: {code.code: (code.debits, code.credits) for code in each.codes} for each in balance.currencies
    }


def of_acme(ask, point=None):
    return ask(lambda connection: read_trial_balance(connection, 0, "acme", point))


NOW = {1000: (1_000, 0), 1300: (50, 0), 2000: (1_100, 1_100), 4010: (0, 1_150), 5020: (100, 0)}


@pytest.mark.rule("J5")
def test_debits_and_credits_by_code_add_up_to_the_same(used, writer, ask):
    writer.write(used.on_topic())
    found = of_acme(ask)
    assert sides(found) == {"USD": NOW}
    (usd,) = found.currencies
    assert usd.debits == usd.credits == 2_250
    assert (found.positions, found.incomplete) == (("0-4",), False)


def test_batches_add_up(used, writer, ask):
    for record in used.on_topic():
        writer.write([record])
    assert sides(of_acme(ask)) == {"USD": NOW}


@pytest.mark.rule("J5")
def test_the_past_is_added_up_from_the_lines(used, writer, ask):
    writer.write(used.on_topic())
    after_purchase = {"USD": {1000: (1_000, 0), 2000: (0, 1_000)}}
    found = of_acme(ask, Point(position=2))
    assert (sides(found), found.positions) == (after_purchase, ("0-2",))
    assert sides(of_acme(ask, Point(recorded_at=used.events[1].recorded_at))) == after_purchase
    assert sides(of_acme(ask, Point(position=4))) == {"USD": NOW}
    assert of_acme(ask, Point(position=1)).currencies == ()


def test_currencies_are_not_added(used, writer, ask):
    used.open_account("yen", currency="JPY")
    used.record(
        "acme/account-yen",
        "PurchaseRecorded",
        account_id="yen",
        currency="JPY",
        amount=7,
        payment_ref="p",
        debt_settled=0,
        lot="lot-2",
        lot_amount=7,
        priority=50,
        expires_at=None,
        entries=[{"type": "purchase", "lines": [line(1000, "debit", 7), line(2000, "credit", 7, "lot-2")]}],
        balance_after=7,
        held_after=0,
    )
    writer.write(used.on_topic())
    assert sides(of_acme(ask)) == {"JPY": {1000: (7, 0), 2000: (0, 7)}, "USD": NOW}
    assert sides(of_acme(ask, Point())) == sides(of_acme(ask))


@pytest.mark.rule("M2")
def test_totals_over_accounts_pass_64_bits(shard, writer, ask):
    for account in ("a", "b", "c"):
        shard.open_account(account)
        shard.purchase(LARGEST, balance_after=LARGEST, account_id=account)
    writer.write(shard.on_topic())
    assert sides(of_acme(ask)) == {"USD": {1000: (3 * LARGEST, 0), 2000: (0, 3 * LARGEST)}}


def test_all_tenants_together_and_each_by_itself(used, projector_connection, ask):
    beta = Shard(1, "beta")
    beta.open_account()
    beta.purchase(5, balance_after=5)
    BatchWriter(projector_connection, VIEWS, [0, 1]).write([*used.on_topic(), *beta.on_topic()])
    everyone = ask(read_trial_balance_of_all)
    assert sides(everyone)["USD"][1000] == (1_005, 0)
    assert everyone.positions == ("0-4", "1-2")
    assert sides(of_acme(ask)) == {"USD": NOW}
    then = ask(lambda connection: read_trial_balance_of_all(connection, beta.events[1].recorded_at))
    assert (sides(then), then.positions) == ({"USD": {1000: (1_005, 0), 2000: (0, 1_005)}}, ())


def test_a_blocked_account_makes_the_answer_incomplete(used, writer, ask):
    writer.write([record for record in used.on_topic() if record.offset != 1])
    assert of_acme(ask).incomplete
    assert ask(read_trial_balance_of_all).incomplete


def test_every_event_with_entries_is_added_and_says_its_currency():
    with_entries = {
        name
        for name, schema in SCHEMAS.latest.items()
        if schema.kind == "event" and "entries" in {field.name for field in schema.record.fields}
    }
    assert with_entries == set(APPLIERS) >= {"PurchaseRecorded", "CreditsGranted", "UsageRecorded"}
    for name in with_entries:
        assert {"tenant", "currency"} <= {field.name for field in SCHEMAS.latest[name].record.fields}


def test_the_migration_adds_up_what_the_entries_said_before(used, writer, projector_connection, ask):
    writer.write(used.on_topic())
    projector_connection.execute("DELETE FROM views.code_balances")
    migration = (files("usage_ledger_views") / "migrations" / "0004_code_balances.sql").read_text()
    projector_connection.execute(migration[migration.index("INSERT INTO") :])
    assert sides(of_acme(ask)) == {"USD": NOW}
