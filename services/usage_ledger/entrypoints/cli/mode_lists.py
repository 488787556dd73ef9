"""Lists about billing modes for people: a timeline of changes, and what somebody should look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from usage_ledger.entrypoints.cli.mode_screen import styled
from usage_ledger.entrypoints.cli.tables import cell, table, table_of

_MODE: Final = 5
_MOVED, _STAYED = "●", "│"
# What a person decides by, and no more: a table of everything has a letter a line. `--json` has the rest.
_WORKSPACE: Final = ("workspace_id", "mode", "workspace_override", "model")
_RUN: Final = ("recorded_at", "run_id", "workspace_id", "resolved_mode", "source")
_REJECTED: Final = ("recorded_at", "workspace_id", "name", "rule", "policy")
_MISMATCH: Final = ("recorded_at", "kind", "workspace_id", "mode", "credential", "charged", "exposure")
_TOTALS: Final = ("kind", "items", "exposure", "currency", "unknown")


def show_history(found: Mapping[str, Any], console: Console) -> None:
    """Newest first; a mark where the mode became another one."""
    shown = table("effective_at", "", "workspace_id", "change", "what", "mode", "who", "why")
    shown.columns[_MODE].no_wrap = True
    for item in found["items"]:
        modes = _modes(item)
        shown.add_row(
            cell("effective_at", item["effective_at"]),
            _MOVED if len(modes) > 1 else _STAYED,
            escape(item["workspace_id"] or ""),
            item["change"],
            escape(_what(item)),
            " → ".join(map(styled, modes)),
            escape(item["actor"]["id"]),
            escape(item["reason"] or ""),
        )
    console.print(shown)


def show_workspaces(found: Mapping[str, Any], console: Console) -> None:
    shown = table(*_WORKSPACE, "states")
    for item in found["items"]:
        shown.add_row(*(escape(cell(name, item[name])) for name in _WORKSPACE), ", ".join(item["states"]))
    console.print(shown)


def show_runs(found: Mapping[str, Any], console: Console) -> None:
    shown = table(*_RUN, "faults")
    for item in found["items"]:
        shown.add_row(*(escape(cell(name, item[name])) for name in _RUN), ", ".join(item["faults"]))
    console.print(shown)


def show_rejected(found: Mapping[str, Any], console: Console) -> None:
    """With a column for the policy that was asked about, if one was."""
    under = next((item["under_policy"]["policy"] for item in found["items"] if item["under_policy"]), None)
    shown = table(*_REJECTED, *(() if under is None else (f"under {under}",)))
    for item in found["items"]:
        shown.add_row(*(escape(cell(name, item[name])) for name in _REJECTED), *_under(item["under_policy"]))
    console.print(shown)


def show_mismatches(found: Mapping[str, Any], console: Console) -> None:
    console.print(table_of(found["items"], _MISMATCH))
    if found["totals"]:
        console.print(table_of(found["totals"], _TOTALS))
    for exposure in found["exposure"] or ():
        console.print(f"At stake in all: {exposure['amount']} {exposure['currency']}", style="bold", highlight=False)


def _modes(item: Mapping[str, Any]) -> list[str]:
    """The mode before and after, once where it stayed; none of what moves no workspace by itself."""
    answers = (item["resolution_before"], item["resolution_after"])
    return list(dict.fromkeys(answer["mode"] for answer in answers if answer is not None))


def _what(item: Mapping[str, Any]) -> str:
    if item["before"] is None and item["after"] is None:
        return ""
    return f"{item['before'] or '-'} → {item['after'] or '-'}"


def _under(verdict: Mapping[str, Any] | None) -> tuple[str, ...]:
    if verdict is None:
        return ()
    return ("accepted",) if verdict["is_accepted"] else (verdict["rule"] or verdict["code"],)
