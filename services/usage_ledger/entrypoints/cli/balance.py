"""`usage-ledger balance`: what an account has, and from which credit it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.asking import answer, asks
from usage_ledger.entrypoints.cli.tables import table, table_of

_FIGURES: Final = ("posted", "held", "available", "spendable", "overdraft", "unbilled", "paid", "promotional")
_LOT: Final = ("lot", "kind", "remaining", "amount", "priority", "effective_at", "expires_at")


@click.command()
@click.argument("account")
@click.option("--as-of", help="A position, or an RFC 3339 time: what it was then.")
@asks
def balance(account: str, as_of: str | None, **asked: Any) -> None:
    """Show what an account has: its figures, and the credit that charges will use, next first."""
    answer(("accounts", account, "balance"), {"as_of": as_of}, _show, asked)


def _show(found: Mapping[str, Any], console: Console) -> None:
    console.print(f"{found['account_id']}: {found['status']}, {found['funding']}, {found['zone']}", highlight=False)
    figures = table(found["currency"], "amount")
    for name in _FIGURES:
        # Without a limit anything may be spent.
        figures.add_row(name, "unlimited" if found[name] is None else found[name])
    console.print(figures)
    if found["grants"]:
        console.print(table_of(found["grants"], _LOT))
