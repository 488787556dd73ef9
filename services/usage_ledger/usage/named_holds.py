"""Holds that usage names. Who pays was decided when a hold was placed, and no later pin or mode moves it (H7, H12).

A hold belongs to the workspace that it was placed for: usage of another one that names it names nothing. Usage that
names a hold that is not open is charged all the same, to whom the hold was admitted for; only an open one is settled.
"""

from __future__ import annotations

from typing import NamedTuple

from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.holds.settling import Settlement
from usage_ledger.accounts.usage_details import HoldNamed
from usage_ledger.deciding import Decision


class NamedHold(NamedTuple):
    """``decision`` is that of its admission, None if there is no such hold; ``settlement`` is that of an open one."""

    named: HoldNamed
    decision: PayerDecision | None = None
    settlement: Settlement | None = None


class NamedHolds:
    """The holds that the usage of one command names, each looked up once. ``final`` closes those that it settles."""

    def __init__(self, decision: Decision, *, final: bool) -> None:
        self._decision = decision
        self._final = final
        self._known: dict[tuple[str, str], NamedHold] = {}

    def find(self, hold_id: str, workspace_id: str) -> NamedHold:
        key = hold_id, workspace_id
        hold = self._known.get(key)
        if hold is None:
            hold = self._known[key] = self._look_up(hold_id, workspace_id)
        return hold

    def _look_up(self, hold_id: str, workspace_id: str) -> NamedHold:
        found = self._decision.find_holds([hold_id]).get(hold_id)
        if found is None or found.workspace_id != workspace_id:
            return NamedHold(HoldNamed(hold_id, "not_found"))
        account = current_account(self._decision, found.account_id)
        open_hold = account.holds.by_id.get(hold_id)
        if open_hold is not None:
            settlement = Settlement(account, hold_id, final=self._final)
            return NamedHold(HoldNamed(hold_id, "open"), open_hold.decision, settlement)
        state = self._decision.find_holds([hold_id])[hold_id].state
        return NamedHold(HoldNamed(hold_id, state), self._decision.placed_hold(found).decision)
