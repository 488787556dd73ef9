"""One workspace's mode for people: the rungs with a mark at the one that decided, and what last changed the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from usage_ledger.entrypoints.cli.tables import cell, table

STYLES: Final = {"platform_managed": "cyan", "byok": "green", "disabled": "red"}
_DECIDED, _PASSED, _NOT_REACHED = "●", "○", "·"
_NO_NAMES: Final = "none"


def styled(mode: str) -> str:
    """The mode in its colour."""
    return f"[{STYLES.get(mode, 'bold')}]{escape(mode)}[/]"


def show_mode(found: Mapping[str, Any], console: Console) -> None:
    """The answer, the trail, and the fact that made it so."""
    console.print(f"[bold]{escape(found['workspace_id'])}[/] is {styled(found['resolved_mode'])}{_from(found)}")
    console.print(_judged_by(found), style="dim", highlight=False)
    console.print(_trail(found["rungs"]))
    for name in ("states", "faults"):
        if found[name]:
            console.print(f"{name.capitalize()}: {', '.join(found[name])}", style="yellow", highlight=False)
    console.print(_cause(found["changed_by"]), highlight=False)


def show_why(found: Mapping[str, Any], console: Console) -> None:
    """The same, with everything that was looked at and what a run would start as."""
    show_mode(found, console)
    inputs = table("looked at", "state", "value")
    for given in found["inputs"]:
        inputs.add_row(given["name"], given["state"], escape(given["value"] or ""))
    console.print(inputs)
    if found["failed_gates"]:
        console.print(f"A run would be refused now: {', '.join(found['failed_gates'])}", style="red", highlight=False)
    else:
        console.print(f"A run would be {found['provision_outcome']} now.", highlight=False)
    if found["current_run"] is not None:
        console.print(f"Its current run is {escape(found['current_run'])}.", highlight=False)


def show_run(found: Mapping[str, Any], console: Console) -> None:
    """What was frozen, beside today's answer."""
    console.print(
        f"[bold]{escape(found['run_id'])}[/] of {escape(found['workspace_id'])} was decided {found['decided_at']}: "
        f"{styled(found['resolved_mode'])}, {found['provision_outcome']}{_from(found)}",
        highlight=False,
    )
    console.print(_judged_by(found), style="dim", highlight=False)
    console.print(_trail(found["rungs"]))
    console.print(f"Withheld from it: {', '.join(found['withheld']) or _NO_NAMES}.", highlight=False)
    today = found["today"]
    console.print(f"Today the rules answer {styled(today['resolved_mode'])}{_from(today)}.", highlight=False)
    if found["restart_pending"]:
        console.print("A restart is pending: it would be something else.", style="bold yellow")
    elif not found["is_current"]:
        console.print("Another run of the workspace followed it.", style="dim")


def _from(found: Mapping[str, Any]) -> str:
    provider = f", served by {escape(found['provider_selection'])}" if found["provider_selection"] else ""
    return f", decided by {found['source']}{provider} ({found['derived_by']})"


def _judged_by(found: Mapping[str, Any]) -> str:
    registry = f"registry {escape(found['registry'])}" if found["registry"] else "no registry"
    return f"Judged by {found['policy']} and {registry}."


def _trail(rungs: Iterable[Mapping[str, Any]]) -> Table:
    """What comes after the rung that decided was not asked."""
    shown = table("", "rung", "state", "value")
    is_over = False
    for rung in rungs:
        mark = _DECIDED if rung["decided"] else _NOT_REACHED if is_over else _PASSED
        style = "bold" if rung["decided"] else "dim" if is_over else ""
        shown.add_row(mark, rung["name"], rung["state"], escape(rung["value"] or ""), style=style)
        is_over = is_over or rung["decided"]
    return shown


def _cause(changed: Mapping[str, Any]) -> str:
    was = f" from {styled(changed['from_mode'])}" if changed["from_mode"] not in (None, changed["to_mode"]) else ""
    reason = f', "{escape(changed["reason"])}"' if changed["reason"] else ""
    announced = "" if changed["at"] == changed["recorded_at"] else f", announced {cell('x_at', changed['recorded_at'])}"
    who = f"{changed['actor']['kind']} {escape(changed['actor']['id'])}"
    return f"Since {cell('x_at', changed['at'])}{was}: {changed['type']} by {who}{reason}{announced}."
