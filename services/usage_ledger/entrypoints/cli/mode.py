"""`usage-ledger mode …`: who pays for a workspace, why, since when, and what would change if a rule changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from usage_ledger.entrypoints.cli.asking import answer, asks, asks_for_pages
from usage_ledger.entrypoints.cli.mode_lists import (
    show_history,
    show_mismatches,
    show_rejected,
    show_runs,
    show_workspaces,
)
from usage_ledger.entrypoints.cli.mode_screen import show_mode, show_run, show_why
from usage_ledger.entrypoints.cli.mode_what_if import what_if

Command = TypeVar("Command", bound=Callable[..., Any])

_workspace_option: Final = click.option("--workspace", help="Only this workspace.")
_from_option: Final = click.option("--from", "start", help="RFC 3339 time of recording, inclusive.")
_to_option: Final = click.option("--to", "end", help="RFC 3339 time of recording, exclusive.")


def _asks_for_a_period(command: Command) -> Command:
    return _from_option(_to_option(asks_for_pages(command)))


@click.group()
def mode() -> None:
    """Say who pays for a workspace's calls, and why; and what would change it."""


mode.add_command(what_if)


@mode.command()
@click.argument("workspace")
@asks
def why(workspace: str, **asked: Any) -> None:
    """Show today's mode: every rung that was asked, everything that was looked at, and the fact that made it so."""
    answer(("workspaces", workspace, "billing-mode", "why"), {}, show_why, asked)


@mode.command()
@click.argument("workspace")
@click.argument("when", required=False)
@click.option("--known-at", help="Only what was known then: a position or a time. Default: all that is known now.")
@click.option("--policy", help="Judge by this policy instead.")
@click.option("--registry", help="Judge by the registry version of this label instead.")
@asks
def at(
    workspace: str, when: str | None, known_at: str | None, policy: str | None, registry: str | None, **asked: Any
) -> None:
    """Show the mode as of WHEN: a position or an RFC 3339 time, which may lie in the future. Default: now."""
    query = {"as_of": when, "known_at": known_at, "policy": policy, "registry": registry}
    answer(("workspaces", workspace, "billing-mode"), query, show_mode, asked)


@mode.command()
@click.argument("run")
@asks
def run(run: str, **asked: Any) -> None:
    """Show what a run was decided to be, and whether a restart would make it something else."""
    answer(("runs", run), {}, show_run, asked)


@mode.command()
@click.argument("workspace", required=False)
@click.option("--organization", help="Of all workspaces of this organization, and of its default.")
@_asks_for_a_period
def history(workspace: str | None, organization: str | None, start: str | None, end: str | None, **asked: Any) -> None:
    """Show every change that could move a mode: who, when and why, newest first."""
    if (workspace is None) == (organization is None):
        raise click.UsageError("name a workspace, or an --organization")
    whose = ("workspaces", workspace) if workspace is not None else ("organizations", organization or "")
    answer((*whose, "billing-mode", "history"), {"from": start, "to": end}, show_history, asked)


@mode.command()
@click.option("--account", help="Only what this account pays for.")
@_workspace_option
@click.option("--kind", help="Only this kind of mismatch.")
@_asks_for_a_period
def mismatches(
    account: str | None, workspace: str | None, kind: str | None, start: str | None, end: str | None, **asked: Any
) -> None:
    """Show usage that somebody else paid for than was decided, refused usage, and what is at stake."""
    query = {"account_id": account, "workspace_id": workspace, "kind": kind, "from": start, "to": end}
    answer(("billing-mode", "mismatches"), query, show_mismatches, asked)


@mode.command()
@_workspace_option
@asks_for_pages
def stale(workspace: str | None, **asked: Any) -> None:
    """Show workspaces whose override changes nothing, or contradicts their model."""
    answer(("billing-mode", "stale-overrides"), {"workspace_id": workspace}, show_workspaces, asked)


@mode.command()
@_workspace_option
@asks_for_pages
def keys(workspace: str | None, **asked: Any) -> None:
    """Show workspaces with a vendor's key of their own beside a platform model."""
    answer(("billing-mode", "keys-beside-platform-models"), {"workspace_id": workspace}, show_workspaces, asked)


@mode.command()
@_workspace_option
@asks_for_pages
def unsatisfiable(workspace: str | None, **asked: Any) -> None:
    """Show workspaces whose next run could not start by their mode."""
    answer(("billing-mode", "unsatisfiable"), {"workspace_id": workspace}, show_workspaces, asked)


@mode.command()
@_workspace_option
@_asks_for_a_period
def fallbacks(workspace: str | None, start: str | None, end: str | None, **asked: Any) -> None:
    """Show runs that nothing but a default or a constant decided, with the faults that led there."""
    query = {"workspace_id": workspace, "from": start, "to": end}
    answer(("billing-mode", "fallbacks"), query, show_runs, asked)


@mode.command()
@_workspace_option
@click.option("--policy", help="Say which of them this policy would have accepted.")
@_asks_for_a_period
def rejected(workspace: str | None, policy: str | None, start: str | None, end: str | None, **asked: Any) -> None:
    """Show credential names that were refused, and by which rule."""
    query = {"workspace_id": workspace, "policy": policy, "from": start, "to": end}
    answer(("billing-mode", "rejected-key-writes"), query, show_rejected, asked)
