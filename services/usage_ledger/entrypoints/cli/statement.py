"""`usage-ledger statement`: what moved an account's balance within a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.asking import answer, asks_for_pages
from usage_ledger.entrypoints.cli.tables import cell, table

_COLUMNS: Final = ("recorded_at", "type", "effect", "running_balance", "reference")


@click.command()
@click.argument("account")
@click.option("--from", "start", help="RFC 3339 time of recording, inclusive.")
@click.option("--to", "end", help="RFC 3339 time of recording, exclusive.")
@asks_for_pages
def statement(account: str, start: str | None, end: str | None, **asked: Any) -> None:
    """Show what moved an account's balance, newest first, between its opening and its closing."""
    answer(("accounts", account, "statement"), {"from": start, "to": end}, _show, asked)


def _show(found: Mapping[str, Any], console: Console) -> None:
    entries = table(*_COLUMNS)
    entries.add_row("closing", "", "", found["closing"], "")
    for entry in found["entries"]:
        entries.add_row(*(cell(name, entry[name]) for name in _COLUMNS))
    entries.add_row("opening", "", "", found["opening"], "")
    console.print(entries)
