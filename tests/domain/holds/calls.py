"""Holds in few words: an account with some credit that pays for a workspace, and calls that are about to be made."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.submission import Outcome
from usage_ledger.workspaces.commands import RegisterWorkspace

ACCOUNT = "t1/account-acc"


def price(model: str, version: str, per_million: dict[str, str]) -> PublishPrices:
    text = PriceText(per_million=per_million)
    return PublishPrices(version=version, model=model, list="sell", currency="USD", price=text, reason="r")


def open_ledger(credit: str | None = "1.00", **account: Any) -> Rehearsal:
    """Account ``acc`` pays for workspace ``ws``; models ``acme/small`` and ``acme/free`` have a price."""
    ledger = Rehearsal()
    ledger.given(
        WireProxy(),
        price("acme/small", "small-1", {"input": "1", "output": "2"}),
        price("acme/free", "free-1", {"input": "0", "output": "0"}),
        tenant="platform",
    )
    ledger.given(OpenAccount(**{"account_id": "acc", "owner_kind": "org", "currency": "USD"} | account))
    ledger.given(RegisterWorkspace("ws", account_id="acc"))
    if credit is not None:
        ledger.given(RecordPurchase("acc", credit, "card/p1"))
    return ledger


def hold(hold_id: str = "h1", amount: str | None = "1.00", **fields: Any) -> PlaceHold:
    return PlaceHold(**{"account_id": "acc", "hold_id": hold_id, "workspace_id": "ws", "amount": amount} | fields)


def place(ledger: Rehearsal, hold_id: str = "h1", amount: str | None = "1.00", **fields: Any) -> Any:
    """The answer to a hold that must be admitted."""
    outcome = ledger.when(hold(hold_id, amount, **fields))
    assert outcome.outcome == "accepted", outcome
    return answer_of(outcome)


def release(ledger: Rehearsal, hold_id: str = "h1") -> Outcome:
    return ledger.when(ReleaseHold(hold_id))


def account_of(ledger: Rehearsal, stream_id: str = ACCOUNT) -> Account:
    """The account folded from its events, as they are read back; its snapshot gives the same state."""
    account = Account()
    for envelope, payload in ledger.recorded(stream_id):
        account.apply(payload, envelope.recorded_at)
    assert Account.restore(account.snapshot(), account.version) == account
    return account


def happened(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[str]:
    return [type(payload).__name__ for payload in ledger.events(stream_id)]


def last(ledger: Rehearsal, stream_id: str = ACCOUNT) -> dict[str, Any]:
    """The last event's fields."""
    return msgspec.structs.asdict(ledger.events(stream_id)[-1])
