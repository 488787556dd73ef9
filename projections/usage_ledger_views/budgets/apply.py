"""Folds budgets as they were set, and what usage events say was spent of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from usage_ledger_views.event import Event

BudgetKey = tuple[str, str, str]
WindowKey = tuple[str, str, str, int]


class BudgetRow(NamedTuple):
    """What follows the key in ``views.budgets``, in the table's order."""

    scope: str
    scope_value: str | None
    window_kind: str
    zone: str
    spend_limit: int
    enforcement: str
    thresholds: list[int]
    currency: str
    counted_from: int
    position: int


class WindowRow(NamedTuple):
    """What follows the key in ``views.budget_windows``."""

    window_end: int
    spend: int
    position: int


class BudgetChanges(msgspec.Struct):
    """One batch, by (tenant, account, budget) and window start. ``begun``: what was counted before counts no more."""

    budgets: dict[BudgetKey, BudgetRow | None] = {}
    begun: set[BudgetKey] = set()
    windows: dict[WindowKey, WindowRow] = {}


def budget_set(changes: BudgetChanges, event: Event) -> None:
    record = event.record
    key = _key(record)
    if not record["continues"]:
        _begin(changes, key)
    for window in record["spent"]:
        changes.windows[*key, window["start"]] = WindowRow(window["end"], window["spend"], event.position)
    changes.budgets[key] = BudgetRow(
        scope=record["scope"],
        scope_value=record["scope_value"],
        window_kind=record["window"],
        zone=record["zone"],
        spend_limit=record["limit"],
        enforcement=record["enforcement"],
        thresholds=record["thresholds"],
        currency=record["currency"],
        counted_from=record["counted_from"],
        position=event.position,
    )


def budget_removed(changes: BudgetChanges, event: Event) -> None:
    key = _key(event.record)
    _begin(changes, key)
    changes.budgets[key] = None


def usage_counted(changes: BudgetChanges, event: Event) -> None:
    """Usage when it was recorded, when its price arrived, and when it was corrected."""
    record = event.record
    for budget in record["budgets"]:
        key = (record["tenant"], record["account_id"], budget["budget_id"], budget["window_start"])
        changes.windows[key] = WindowRow(budget["window_end"], budget["spend"], event.position)


def _begin(changes: BudgetChanges, key: BudgetKey) -> None:
    changes.begun.add(key)
    for window in [window for window in changes.windows if window[:3] == key]:
        del changes.windows[window]


def _key(record: dict[str, Any]) -> BudgetKey:
    return record["tenant"], record["account_id"], record["budget_id"]


APPLIERS = {
    "BudgetSet": budget_set,
    "BudgetRemoved": budget_removed,
    "UsageRecorded": usage_counted,
    "SuspendedUsageRated": usage_counted,
    "UsageCorrected": usage_counted,
}
