"""Who pays for a call that is about to be made: by the same rules as for its usage, but asked before (H1)."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.route import Hindrance, Route
from usage_ledger.usage.routing import Routing

_REFUSALS: Final = {
    "workspace_not_found": ("workspace_not_found", "no workspace of this id is registered"),
    "mode_disabled": ("mode_disabled", "the workspace's billing mode is disabled"),
    "no_pin": ("payer_required", "no account is pinned to pay for the workspace"),
    "run_not_decided": ("run_not_decided", "nothing was decided for this run"),
}


def paid_route(command: PlaceHold, attempt: Attempt, decision: Decision) -> Route:
    """The way of the call's usage, if the account may be held for it; where nobody pays, for nothing.

    Raises ``Refusal``: ``workspace_not_found``, ``mode_disabled``, ``payer_required`` (nobody is pinned, or somebody
    else is), ``run_not_decided``.
    """
    route = Routing(decision, [command.workspace_id]).route(attempt)
    if isinstance(route, Hindrance):
        raise Refusal(*_REFUSALS[route.reason])
    payer = route.booking.account
    if payer is not None and payer.account_id != command.account_id:
        facts = {"payer": payer.account_id}
        raise Refusal("payer_required", "another account is pinned to pay for the workspace", facts)
    return route
