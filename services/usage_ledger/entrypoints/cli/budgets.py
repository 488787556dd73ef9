"""`usage-ledger budgets`: what an account may still spend, budget by budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.asking import answer, asks_for_pages
from usage_ledger.entrypoints.cli.tables import cell, table

_COLUMNS: Final = (
    *("budget_id", "scope", "window", "limit", "spend", "held", "left", "enforcement", "crossed"),
    *("window_start_at", "window_end_at"),
)


@click.command()
@click.argument("account")
@asks_for_pages
def budgets(account: str, **asked: Any) -> None:
    """Show an account's budgets: what was spent of each in its window now, is held, and is left."""
    answer(("accounts", account, "budgets"), {}, _show, asked)


def _show(found: Mapping[str, Any], console: Console) -> None:
    shown = table(*_COLUMNS)
    for budget in found["items"]:
        row = {
            **budget,
            "scope": _scope(budget["scope"]),
            "crossed": ", ".join(f"{percent} %" for percent in budget["crossed"]),
            "window_start_at": budget["window_start"],
            "window_end_at": budget["window_end"],
        }
        shown.add_row(*(cell(name, row[name]) for name in _COLUMNS))
    console.print(shown)


def _scope(scope: str | Mapping[str, str]) -> str:
    """The whole account, or one user, workspace, key or team by its name."""
    return scope if isinstance(scope, str) else " ".join(f"{kind} {name}" for kind, name in scope.items())
