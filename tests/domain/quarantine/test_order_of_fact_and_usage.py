"""Whatever the order in which facts and usage arrive, what is charged in the end is what it would be, facts first."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.quarantine.books import balances, charges
from domain.rehearsal import SECOND, Rehearsal
from domain.usage.items import attempt
from domain.usage.metered_ledger import price
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.commands import RegisterWorkspace

WORKSPACES = ("w0", "w1")
MODELS = ("acme/m0", "acme/m1")
ACCOUNTS = {"w0": "a0", "w1": "a1"}

items = st.lists(
    st.fixed_dictionaries(
        {
            "workspace_id": st.sampled_from(WORKSPACES),
            "model": st.sampled_from(MODELS),
            "usage": st.fixed_dictionaries({"input_tokens": st.integers(0, 5_000_000)}),
        },
        optional={"reported_cost": st.just({"amount": "0.70", "currency": "USD"})},
    ),
    max_size=8,
)


def facts() -> list[tuple[msgspec.Struct, str]]:
    """Registrations, and one price of each model that holds since ever."""
    registered = [(RegisterWorkspace(name, account_id=ACCOUNTS[name]), "t1") for name in WORKSPACES]
    prices = [
        (price(model, f"v{n}", {"input": str(n + 1)}, effective_from=0), "platform") for n, model in enumerate(MODELS)
    ]
    return [*registered, *prices]


def new_ledger() -> Rehearsal:
    ledger = Rehearsal()
    ledger.given(WireProxy(), tenant="platform")
    for account in ACCOUNTS.values():
        ledger.given(OpenAccount(account, "org", "USD"), RecordPurchase(account, "10.00", f"card/{account}"))
    return ledger


def outcome_of(steps: list[tuple[msgspec.Struct, str] | dict[str, Any]], reacts: list[bool]) -> list[Counter[Any]]:
    """Charges by attempt and balances by code, of both accounts, when everything has arrived and was reacted to."""
    ledger = new_ledger()
    reactor = ReactorInMemory(ledger.store, ledger.clock)
    for step, reacts_now in zip(steps, reacts, strict=True):
        if isinstance(step, dict):
            ledger.when(RecordUsage((attempt(**step, occurred_at=ledger.now),)))
        else:
            ledger.given(step[0], tenant=step[1])
        if reacts_now:
            reactor.react()
    reactor.react()
    reactor.forget()
    reactor.react()
    streams = [f"t1/account-{account}" for account in ACCOUNTS.values()]
    found = [counted for stream in streams for counted in (charges(ledger, stream), Counter(balances(ledger, stream)))]
    return [Counter({key: value for key, value in counted.items() if value}) for counted in found]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), used=items)
def test_the_final_charge_does_not_depend_on_what_came_first(data: st.DataObject, used: list[dict[str, Any]]) -> None:
    usage = [{"id": f"i{n}", **item} for n, item in enumerate(used)]
    shuffled = data.draw(st.permutations([*facts(), *usage]))
    reacts = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))
    assert len(shuffled) * SECOND < 300 * SECOND, "early usage reads the workspace's first fact"
    assert outcome_of(shuffled, reacts) == outcome_of([*facts(), *usage], [False] * len(shuffled))
