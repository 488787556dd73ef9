"""Folds how credit is bought by itself: terms, and what became of each top-up, in the order in which it happened."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from usage_ledger_views.event import Event

AccountKey = tuple[str, str]
TopupKey = tuple[str, str, str]


class TermsRow(NamedTuple):
    """Terms as they were set, what follows the key in ``views.topup_terms``."""

    threshold: int
    amount: int
    monthly_cap: int | None
    enabled: bool
    failures: int
    currency: str
    schedule: str | None
    position: int


class Standing(NamedTuple):
    """How the terms stand after something became of a top-up; ``enabled`` None is as before."""

    enabled: bool | None
    failures: int
    position: int


class TriggeredRow(NamedTuple):
    """A top-up that is in flight, again perhaps."""

    amount: int
    currency: str
    trigger: str
    triggered_at: int
    triggered_position: int
    lease_until: int


class Became(NamedTuple):
    """What became of a top-up."""

    state: str
    reason: str | None
    payment_ref: str | None
    position: int


class TopupChanges(msgspec.Struct):
    """One batch. Of each kind the last one counts; what became of a top-up comes after its trigger."""

    terms: dict[AccountKey, TermsRow] = {}
    standing: dict[AccountKey, Standing] = {}
    triggered: dict[TopupKey, TriggeredRow] = {}
    became: dict[TopupKey, Became] = {}


def configured(changes: TopupChanges, event: Event) -> None:
    record = event.record
    changes.standing.pop(_account(record), None)
    changes.terms[_account(record)] = TermsRow(
        threshold=record["threshold"],
        amount=record["amount"],
        monthly_cap=record["monthly_cap"],
        enabled=record["enabled"],
        failures=0,
        currency=record["currency"],
        schedule=record["schedule"],
        position=event.position,
    )


def triggered(changes: TopupChanges, event: Event) -> None:
    record = event.record
    changes.became.pop(_topup(record), None)
    changes.triggered[_topup(record)] = TriggeredRow(
        amount=record["amount"],
        currency=record["currency"],
        trigger=record["trigger"],
        triggered_at=record["recorded_at"],
        triggered_position=event.position,
        lease_until=record["lease_until"],
    )


def lease_expired(changes: TopupChanges, event: Event) -> None:
    _became(changes, event, "lapsed")


def failed(changes: TopupChanges, event: Event) -> None:
    _became(changes, event, "failed", reason=event.record["reason"])
    _stand(changes, event, failures=event.record["consecutive"])


def disabled(changes: TopupChanges, event: Event) -> None:
    _stand(changes, event, failures=event.record["consecutive"], enabled=False)


def completed(changes: TopupChanges, event: Event) -> None:
    _became(changes, event, "completed", payment_ref=event.record["payment_ref"])
    _stand(changes, event, failures=0)


def purchase_recorded(changes: TopupChanges, event: Event) -> None:
    """Most purchases are made by people."""
    if event.record["topup_id"] is not None:
        completed(changes, event)


def _became(
    changes: TopupChanges, event: Event, state: str, *, reason: str | None = None, payment_ref: str | None = None
) -> None:
    changes.became[_topup(event.record)] = Became(state, reason, payment_ref, event.position)


def _stand(changes: TopupChanges, event: Event, *, failures: int, enabled: bool | None = None) -> None:
    key = _account(event.record)
    before = changes.standing.get(key)
    kept = before.enabled if before and enabled is None else enabled
    changes.standing[key] = Standing(kept, failures, event.position)


def _account(record: dict[str, Any]) -> AccountKey:
    return record["tenant"], record["account_id"]


def _topup(record: dict[str, Any]) -> TopupKey:
    return record["tenant"], record["account_id"], record["topup_id"]


APPLIERS = {
    "AutoTopupConfigured": configured,
    "AutoTopupTriggered": triggered,
    "AutoTopupLeaseExpired": lease_expired,
    "AutoTopupFailed": failed,
    "AutoTopupDisabled": disabled,
    "AutoTopupCompleted": completed,
    "PurchaseRecorded": purchase_recorded,
}
