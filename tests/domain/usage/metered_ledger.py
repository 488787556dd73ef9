"""A ledger ready for usage: a wired proxy, a price, an account with 10 USD that pays for a workspace."""

from __future__ import annotations

from typing import Any

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import ChargeLine, UsageRecorded
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.submission import Outcome
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.events import QuarantinedItem, UsageQuarantined
from usage_ledger.workspaces.commands import RegisterWorkspace
from usage_ledger.workspaces.mode_sources import ReadersAt, stored_facts

from .items import attempt

ACCOUNT = "t1/account-acc"
METERED = "t1/metered-ws"
QUARANTINE = "t1/quarantine"


def price(model: str, version: str, per_million: dict[str, str], **fields: Any) -> PublishPrices:
    fields = {"list": "sell", "currency": "USD"} | fields
    return PublishPrices(version=version, model=model, price=PriceText(per_million=per_million), reason="r", **fields)


def metered_ledger(fact_readers: ReadersAt = stored_facts) -> Rehearsal:
    ledger = Rehearsal(fact_readers)
    ledger.given(
        WireProxy(),
        price("acme/small", "small-1", {"input": "1", "output": "2", "cache_read": "0"}),
        tenant="platform",
    )
    ledger.given(
        OpenAccount("acc", "org", "USD"),
        RecordPurchase("acc", "10.00", "card/p1"),
        RegisterWorkspace("ws", account_id="acc"),
    )
    return ledger


def send(ledger: Rehearsal, *items: dict[str, Any], atomic: bool = False, tenant: str = "t1") -> Outcome:
    """RecordUsage of items that occurred now, unless they say otherwise."""
    attempts = tuple(attempt(tenant=tenant, **({"occurred_at": ledger.now} | fields)) for fields in items)
    return ledger.when(RecordUsage(attempts, atomic), tenant=tenant)


def record(ledger: Rehearsal, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """What RecordUsage answers for each item."""
    return answer_of(send(ledger, *items))["items"]


def usage_events(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[UsageRecorded]:
    return [event for event in ledger.events(stream_id) if isinstance(event, UsageRecorded)]


def lines(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[ChargeLine]:
    return [line for event in usage_events(ledger, stream_id) for line in event.lines]


def quarantined(ledger: Rehearsal) -> list[QuarantinedItem]:
    events = [event for event in ledger.events(QUARANTINE) if isinstance(event, UsageQuarantined)]
    return [item for event in events for item in event.items]
