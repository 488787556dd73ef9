"""How a workspace stands at an instant: its mode and who pins the bill, from the facts that hold then."""

from __future__ import annotations

import msgspec

from usage_ledger.timeline import BEGINNING, END, Timeline, common_span
from usage_ledger.usage.route import Hindrance
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.live_mode import resolve
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS, Workspace


class Standing(msgspec.Struct, frozen=True):
    """Holds for usage that occurred in [``since``, ``until``), microseconds UTC. ``account_id`` is the pinned one."""

    since: int
    until: int
    resolution: Resolution
    account_id: str | None


def standing_at(workspace: Workspace, payer: Payer, wired: Timeline[bool], occurred_at: int) -> Standing | Hindrance:
    """The standing that judges usage of ``occurred_at`` (billing-mode 10), and for how long it is the same."""
    first = workspace.registered_at
    instant = workspace.facts_instant(occurred_at)
    if first is None or instant is None:
        until = END if first is None else first - EARLY_USAGE_MICROS
        return Hindrance(BEGINNING, until, "waiting", "workspace_not_found")
    override, account = workspace.override, payer.account
    since, until = common_span(instant, override, account, wired)
    # Early usage reads the first fact, so what holds at that fact reaches back to before it.
    earliest = first - EARLY_USAGE_MICROS if since <= first else since
    return Standing(earliest, until, resolve(override.at(instant), wired.at(instant)), account.at(instant))
