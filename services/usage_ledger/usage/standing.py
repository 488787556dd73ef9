"""How a workspace stands at an instant: its mode and who pins the bill, from the facts that hold then."""

from __future__ import annotations

import msgspec

from usage_ledger.timeline import BEGINNING, END
from usage_ledger.usage.route import Hindrance
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.mode_at import mode_at
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS


class Standing(msgspec.Struct, frozen=True):
    """Holds for usage that occurred in [``since``, ``until``), microseconds UTC. ``account_id`` is the pinned one."""

    since: int
    until: int
    resolution: Resolution
    account_id: str | None


def standing_at(sources: ModeSources, payer: Payer, occurred_at: int, readers_at: ReadersAt) -> Standing | Hindrance:
    """The standing that judges usage of ``occurred_at`` (billing-mode 10), and for how long it is the same."""
    first = sources.workspace.registered_at
    instant = sources.workspace.facts_instant(occurred_at)
    if first is None or instant is None:
        until = END if first is None else first - EARLY_USAGE_MICROS
        return Hindrance(BEGINNING, until, "waiting", "workspace_not_found")
    mode, (pinned_since, pinned_until) = mode_at(sources, instant, readers_at), payer.account.span(instant)
    since, until = max(mode.since, pinned_since), min(mode.until, pinned_until)
    # Early usage reads the first fact, so what holds at that fact reaches back to before it.
    earliest = first - EARLY_USAGE_MICROS if since <= first else since
    return Standing(earliest, until, mode.resolution, payer.account.at(instant))
