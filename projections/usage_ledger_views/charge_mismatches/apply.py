"""Finds the lines that contradict their decision, and usage that was refused because its workspace is disabled.

Nearly all usage is neither. So of an event with usage only its few decisions are looked at, and its lines no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from usage_ledger_views.charge_mismatches.rows import (
    MODE_DISABLED,
    AttemptName,
    KeptUsage,
    Mismatch,
    Recorded,
    exposure_of,
    kind_of,
    refused,
)
from usage_ledger_views.event import Event
from usage_ledger_views.usage_summary.apply import answered_model


class MismatchChanges(msgspec.Struct):
    """``rows`` by attempt, None where one was voided. ``waiting`` came into quarantine with this batch.

    ``refused_later`` waited there since before it, and are refused now.
    """

    rows: dict[AttemptName, Mismatch | None] = {}
    waiting: dict[AttemptName, KeptUsage] = {}
    refused_later: dict[AttemptName, Recorded] = {}

    def put(self, name: AttemptName, row: Mismatch) -> None:
        """What was said last counts, in the place where it was said first."""
        first = self.rows.get(name)
        if first is not None:
            row = row._replace(recorded_at=first.recorded_at, position=first.position, place=first.place)
        self.rows[name] = row


def usage_recorded(changes: MismatchChanges, event: Event) -> None:
    """Lines of decisions that somebody else paid for. Nearly always there is no such decision."""
    record = event.record
    kinds = [kind_of(decision) for decision in record["decisions"]]
    if any(kinds):
        _lines(changes, event, record["lines"], kinds)


def usage_corrected(changes: MismatchChanges, event: Event) -> None:
    """The line as it is now; a void line was paid for by nobody (U16)."""
    record = event.record
    kinds = [kind_of(decision) for decision in record["decisions"]]
    if not any(kinds):
        return
    _lines(changes, event, record["lines"], kinds)
    for line, correction in zip(record["lines"], record["corrections"], strict=True):
        if correction["void"] and kinds[line["decision"]]:
            changes.rows[_name(record, line)] = None


def usage_quarantined(changes: MismatchChanges, event: Event) -> None:
    """What is refused at once; what waits may be refused when its run is decided."""
    record = event.record
    for place, item in enumerate(record["items"]):
        name = AttemptName(record["tenant"], item["source"], item["attempt_id"])
        if item["reason"] == MODE_DISABLED:
            changes.put(name, refused(_kept(item), Recorded(record["recorded_at"], event.position, place)))
        elif item["disposition"] == "waiting":
            changes.waiting[name] = _kept(item)


def waiting_usage_judged(changes: MismatchChanges, event: Event) -> None:
    record = event.record
    for place, item in enumerate(record["items"]):
        if item["reason"] != MODE_DISABLED:
            continue
        name = AttemptName(record["tenant"], item["source"], item["attempt_id"])
        recorded = Recorded(record["recorded_at"], event.position, place)
        kept = changes.waiting.get(name)
        if kept is None:
            changes.refused_later[name] = recorded
        else:
            changes.put(name, refused(kept, recorded))


def _lines(changes: MismatchChanges, event: Event, lines: Iterable[dict[str, Any]], kinds: list[str | None]) -> None:
    for place, line in enumerate(lines):
        decision: int = line["decision"]
        kind = kinds[decision]
        if kind is not None:
            changes.put(_name(event.record, line), _mismatch(event, line, place, kind))


def _mismatch(event: Event, line: dict[str, Any], place: int, kind: str) -> Mismatch:
    record = event.record
    decision, price = record["decisions"][line["decision"]], record["prices"][line["price"]]
    detail: dict[str, Any] = decision["detail"] or {}
    cost = _cost(line, price)
    charged: tuple[int, str | None] = line["charged"], record["currency"]
    exposure, exposure_currency = exposure_of(kind, charged, cost)
    return Mismatch(
        kind=kind,
        workspace_id=decision["workspace_id"],
        account_id=record["account_id"],
        run_id=detail.get("run_id"),
        mode=decision["mode"],
        mode_source=decision["mode_source"],
        policy=decision["policy"],
        registry_version=decision["registry_version"],
        credential=decision["credential"],
        provider=price["provider"],
        model=answered_model(price),
        input_tokens=line["input"],
        cache_read_tokens=line["cache_read"],
        output_tokens=line["output"],
        charged=line["charged"],
        currency=record["currency"],
        provider_cost=cost[0],
        cost_currency=cost[1],
        exposure=exposure,
        exposure_currency=exposure_currency,
        occurred_at=line["occurred_at"],
        recorded_at=record["recorded_at"],
        position=event.position,
        place=place,
    )


def _cost(line: dict[str, Any], price: dict[str, Any]) -> tuple[int | None, str | None]:
    """What the call cost the platform or the customer: by the list, else as it was reported."""
    detail = line["detail"]
    cost: dict[str, Any] | None = price["cost"] or (detail and detail["reported_cost"])
    if cost is None or line["provider_cost"] is None:
        return None, None
    return line["provider_cost"], cost["currency"]


def _name(record: dict[str, Any], line: dict[str, Any]) -> AttemptName:
    detail = line["detail"]
    return AttemptName(record["tenant"], (detail and detail["source"]) or record["source"], line["attempt_id"])


def _kept(item: dict[str, Any]) -> KeptUsage:
    return KeptUsage(item["workspace_id"], item["amount_at_risk"], item["currency"], item["occurred_at"], item["raw"])


APPLIERS = {
    "UsageRecorded": usage_recorded,
    "SuspendedUsageRated": usage_recorded,
    "UsageCorrected": usage_corrected,
    "UsageQuarantined": usage_quarantined,
    "WaitingUsageJudged": waiting_usage_judged,
}
