"""One charge in words: the item, the decision, the price, the arithmetic, where the money came from."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text


def explanation(line: Mapping[str, Any]) -> Table:
    """From the answer of `GET /v1/usage/{id}`, whether the call was booked or waits."""
    table = Table.grid(padding=(0, 2))
    for name, text in _lines(line).items():
        table.add_row(f"  {name}", Text(text))
    return table


def _lines(line: Mapping[str, Any]) -> dict[str, str]:
    if line["state"] != "booked":
        return {"waits": f"{line['attempt_id']}: {line['reason']}"}
    buckets = ", ".join(f"{count:,} {bucket}" for bucket, count in line["buckets"].items())
    return {
        "call": f"{line['attempt_id']} of {line['workspace_id']}, {line['model']}: {buckets or 'no tokens'}",
        "mode": f"{line['mode']}, because of {line['mode_source']} (policy {line['policy_version']})",
        "payer": f"{line['payer'] or 'nobody'}, {line['payer_reason']}",
        "price": f"{line['price_version'] or 'none'}: {line['line_status']}",
        "sum": line["arithmetic"]["text"] if line["arithmetic"] else line["reason"] or "nothing to add up",
        "taken from": ", ".join(f"{each['amount']} of {each['lot'] or 'debt'}" for each in line["drawn_from"]) or "-",
        "kept in": f"position {line['position']}, event {line['event_id']}",
    }
