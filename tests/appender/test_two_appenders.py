"""Several processes may append to any shard at any time: each sees what the others did before it decides."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from appender.ledger import Ledger, statuses
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.deployment.commands import UnwireProxy
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.store import LedgerStore
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace


def test_an_attempt_taken_by_one_is_a_duplicate_for_the_other(ledger: Ledger, another: Ledger) -> None:
    assert statuses(ledger.send(ledger.usage("a1"))) == ["accepted"]
    assert statuses(another.send(another.usage("a1"))) == ["duplicate"]


def test_charges_by_turns_add_up(ledger: Ledger, another: Ledger) -> None:
    for n in range(6):
        one = ledger if n % 2 else another
        one.send(one.usage(f"a{n}"))
    assert (ledger.balance(), another.balance()) == ("99.998500000", "99.998500001")


def test_a_cached_workspace_follows_what_the_other_changed(ledger: Ledger, another: Ledger) -> None:
    another.send(another.usage("a1"))
    ledger.clock.forward(seconds=1)
    ledger.send(ChangeBillingMode("ws", mode="byok", reason="own key"))
    (item,) = msgspec.json.decode(another.send(another.usage("a2")).answer)["items"]
    assert (item["mode"], item["charged"]) == ("byok", "0.00")


def test_facts_recorded_by_the_other_count_at_once(ledger: Ledger, another: Ledger) -> None:
    another.send(another.usage("a1"))
    price = PriceText(per_million={"input": "2", "output": "4"})
    ledger.send(PublishPrices("v2", "acme/small", "sell", "USD", price, "doubled"), tenant="platform")
    ledger.send(UnwireProxy(), tenant="platform")
    ledger.clock.forward(seconds=1)
    ledger.send(RegisterWorkspace("ws2", account_id="main"))
    items = [msgspec.json.decode(another.send(another.usage(f"b-{ws}", workspace=ws)).answer) for ws in ("ws", "ws2")]
    assert [item["items"][0]["mode"] for item in items] == ["byok", "byok"]


def test_a_price_for_one_account_is_a_fact_that_its_tenant_sends(ledger: Ledger, another: Ledger) -> None:
    price = PriceText(per_million={"input": "4", "output": "4"})
    for tenant in ("acme", "globex", "initech", "umbrella", "hooli"):
        if tenant != "acme":
            ledger.send(OpenAccount("main", "org", "USD"), tenant=tenant)
        special = PublishPrices(f"special-{tenant}", "acme/small", "sell", "USD", price, "agreed", account_id="main")
        assert ledger.send(special, tenant=tenant).outcome == "accepted"
    ledger.clock.forward(seconds=1)
    assert msgspec.json.decode(another.send(another.usage("a1")).answer)["charged"] == "0.0006"


def test_positions_are_gapless_and_versions_chain(
    ledger: Ledger, another: Ledger, open_store: Callable[[], LedgerStore]
) -> None:
    for n in range(4):
        ledger.send(ledger.usage(f"a{n}"))
        another.send(another.usage(f"b{n}"))
    store = open_store()
    with store.transaction(range(store.shard_count)) as transaction:
        for shard, state in transaction.shards.items():
            events = transaction.events_after(shard, 0, 10_000)
            assert [event.position for event in events] == list(range(1, state.last_position + 1))
            leaves: dict[object, tuple[int, bytes]] = {}
            for event in events:
                version, leaf = leaves.get(event.stored.originator_id, (0, bytes(32)))
                assert (event.stored.originator_version, event.prev_leaf) == (version + 1, leaf)
                leaves[event.stored.originator_id] = (event.stored.originator_version, event.leaf)
