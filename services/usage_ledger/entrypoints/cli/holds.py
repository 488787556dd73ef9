"""`usage-ledger holds`: credit that is or was reserved for calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.asking import answer, asks_for_pages
from usage_ledger.entrypoints.cli.tables import table_of

_STATES: Final = ("open", "settled", "released", "expired", "all")
_COLUMNS: Final = (
    *("hold_id", "account_id", "workspace_id", "state", "amount", "held", "captured", "overage", "released"),
    *("age_s", "expires_at"),
)
_TOTALS: Final = ("currency", "placed", "open", "held", "captured", "overage", "released")


@click.command()
@click.option("--account", help="Only holds on this account.")
@click.option("--workspace", help="Only holds for calls of this workspace.")
@click.option("--state", type=click.Choice(_STATES), default="open", show_default=True)
@asks_for_pages
def holds(account: str | None, workspace: str | None, state: str, **asked: Any) -> None:
    """Show holds, newest first, and what all of them together hold, captured and charged beyond what was held."""
    query = {"account_id": account, "workspace_id": workspace, "state": None if state == "all" else state}
    answer(("holds",), query, _show, asked)


def _show(found: Mapping[str, Any], console: Console) -> None:
    console.print(table_of(found["items"], _COLUMNS))
    if found["totals"]:
        console.print(table_of(found["totals"], _TOTALS))
