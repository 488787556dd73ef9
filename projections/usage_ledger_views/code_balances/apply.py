"""Adds up the lines of journal entries by tenant, currency and code, whichever event carries them."""

from __future__ import annotations

from typing import Any

from usage_ledger_schemas.registry import SCHEMAS
from usage_ledger_views.event import Event

CodeKey = tuple[str, str, int]
"""Tenant, currency, code."""

CodeChanges = dict[CodeKey, list[int]]
"""Debits and credits that came in addition, nano-units."""

DEBITS, CREDITS = 0, 1


def posted(changes: CodeChanges, event: Event) -> None:
    record: dict[str, Any] = event.record
    tenant, currency = record["tenant"], record["currency"]
    for entry in record["entries"]:
        for line in entry["lines"]:
            key = (tenant, currency, line["code"])
            totals = changes.get(key)
            if totals is None:
                totals = changes[key] = [0, 0]
            totals[DEBITS if line["side"] == "debit" else CREDITS] += line["amount"]


def _has_entries(name: str) -> bool:
    schema = SCHEMAS.latest[name]
    return schema.kind == "event" and any(field.name == "entries" for field in schema.record.fields)


# A trial balance that left out a kind of event would balance all the same: so no list that somebody may forget.
APPLIERS = {name: posted for name in sorted(SCHEMAS.latest) if _has_entries(name)}
