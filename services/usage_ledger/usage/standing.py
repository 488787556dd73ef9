"""How a workspace, or one of its runs, stands at an instant: its mode and who pins the bill.

A run's mode was decided once and holds for whatever it consumes, whenever; everything else is as of the instant.
"""

from __future__ import annotations

import msgspec

from usage_ledger.timeline import BEGINNING, END
from usage_ledger.usage.route import Hindrance
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.mode_at import mode_at
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS, Workspace


class Standing(msgspec.Struct, frozen=True):
    """Holds for usage that occurred in [``since``, ``until``), microseconds UTC. ``account_id`` is the pinned one."""

    since: int
    until: int
    resolution: Resolution
    account_id: str | None


def standing_at(sources: ModeSources, payer: Payer, occurred_at: int, readers_at: ReadersAt) -> Standing | Hindrance:
    """The standing that judges usage of ``occurred_at`` (billing-mode 10), and for how long it is the same."""
    workspace = sources.workspace
    instant = workspace.facts_instant(occurred_at)
    if instant is None:
        return _unknown(workspace)
    mode, (pinned_since, pinned_until) = mode_at(sources, instant, readers_at), payer.account.span(instant)
    since, until = max(mode.since, pinned_since), min(mode.until, pinned_until)
    return Standing(_reaching_back(workspace, since), until, mode.resolution, payer.account.at(instant))


def run_standing_at(
    decided: Resolution | None, workspace: Workspace, payer: Payer, occurred_at: int
) -> Standing | Hindrance:
    """The same for usage of a run; ``decided`` None is a run without a decision, which is never guessed."""
    instant = workspace.facts_instant(occurred_at)
    if instant is None:
        return _unknown(workspace)
    since, until = payer.account.span(instant)
    earliest = _reaching_back(workspace, since)
    if decided is None:
        return Hindrance(earliest, until, "waiting", "run_not_decided")
    return Standing(earliest, until, decided, payer.account.at(instant))


def _unknown(workspace: Workspace) -> Hindrance:
    first = workspace.registered_at
    until = END if first is None else first - EARLY_USAGE_MICROS
    return Hindrance(BEGINNING, until, "waiting", "workspace_not_found")


def _reaching_back(workspace: Workspace, since: int) -> int:
    """Early usage reads the first fact, so what holds at that fact reaches back to before it."""
    first = workspace.registered_at
    return first - EARLY_USAGE_MICROS if first is not None and since <= first else since
