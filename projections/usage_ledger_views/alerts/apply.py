"""Folds alerts: each event is one row."""

from __future__ import annotations

from typing import NamedTuple

from usage_ledger_views.event import Event


class AlertRow(NamedTuple):
    """A row of ``views.alerts``, its columns in the table's order."""

    tenant: str
    account_id: str
    position: int
    kind: str
    raised_at: int
    budget_id: str | None = None
    window_kind: str | None = None
    window_start: int | None = None
    window_end: int | None = None
    threshold: int | None = None
    spend: int | None = None
    spend_limit: int | None = None
    balance: int | None = None
    topup_id: str | None = None
    failures: int | None = None
    currency: str | None = None


def budget_threshold_crossed(rows: list[AlertRow], event: Event) -> None:
    record = event.record
    rows.append(
        _alert(event, "budget_threshold_crossed")._replace(
            budget_id=record["budget_id"],
            window_kind=record["window"],
            window_start=record["window_start"],
            window_end=record["window_end"],
            threshold=record["threshold"],
            spend=record["spend"],
            spend_limit=record["limit"],
            currency=record["currency"],
        )
    )


def credits_exhausted(rows: list[AlertRow], event: Event) -> None:
    record = event.record
    alert = _alert(event, "credits_exhausted")
    rows.append(alert._replace(balance=record["balance"], currency=record["currency"]))


def auto_topup_disabled(rows: list[AlertRow], event: Event) -> None:
    record = event.record
    alert = _alert(event, "auto_topup_disabled")
    rows.append(alert._replace(topup_id=record["topup_id"], failures=record["consecutive"]))


def _alert(event: Event, kind: str) -> AlertRow:
    record = event.record
    return AlertRow(record["tenant"], record["account_id"], event.position, kind, record["recorded_at"])


APPLIERS = {
    "BudgetThresholdCrossed": budget_threshold_crossed,
    "CreditsExhausted": credits_exhausted,
    "AutoTopupDisabled": auto_topup_disabled,
}
