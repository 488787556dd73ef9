"""Who pays for a call that is about to be made: by the same rules as for its usage, but asked before (H1)."""

from __future__ import annotations

from typing import Final, NamedTuple

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.bill_to.allowance import BillToAllowance, bill_to_allowance
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.route import Hindrance, Route
from usage_ledger.usage.routing import Routing
from usage_ledger.usage.standing import Standing

_REFUSALS: Final = {
    "workspace_not_found": ("workspace_not_found", "no workspace of this id is registered"),
    "mode_disabled": ("mode_disabled", "the billing mode of the workspace, or of its run, is disabled"),
    "no_pin": ("payer_required", "no account is pinned to pay for the workspace"),
    "run_not_decided": ("run_not_decided", "nothing was decided for this run"),
}


class Paying(NamedTuple):
    """``account`` is held for the call, on its ``route``; ``allowance`` is what it grants the account that calls."""

    account: Account
    route: Route
    allowance: BillToAllowance | None = None


def paying(command: PlaceHold, caller: Account, attempt: Attempt, decision: Decision) -> Paying:
    """Whom the workspace's mode and pin name, if that is the account that calls; or whom the call names instead.

    Where nobody pays, the account that calls is held, for nothing. A hold permits spending that is yet to come: a run
    may spend nothing any more when its workspace is disabled by now (billing-mode 9).

    Raises ``Refusal``: ``account_closed``, ``account_suspended``, ``workspace_not_found``, ``mode_disabled``,
    ``payer_required`` (nobody is pinned, or somebody else is), ``run_not_decided``, ``bill_to_not_authorized``.
    """
    _require_open(caller)
    routing = Routing(decision, [attempt])
    _require_enabled(routing, attempt)
    own = _own_route(routing, caller, attempt)
    named = command.bill_to
    if named is None or own.payer_decision.payer in (None, named):
        return Paying(caller, own)
    allowance = _allowance(named, caller, decision)
    payer = current_account(decision, named)
    _require_open(payer)
    return Paying(payer, routing.charged_to(named, own, attempt), allowance)


def _require_enabled(routing: Routing, attempt: Attempt) -> None:
    """The workspace as it stands now, whatever its run was decided to be."""
    standing = routing.standings.of(attempt.workspace_id, attempt.occurred_at)
    if isinstance(standing, Standing) and standing.resolution.mode == "disabled":
        raise Refusal(*_REFUSALS["mode_disabled"])


def _own_route(routing: Routing, caller: Account, attempt: Attempt) -> Route:
    route = routing.route(attempt)
    if isinstance(route, Hindrance):
        raise Refusal(*_REFUSALS[route.reason])
    payer = route.booking.account
    if payer is not None and payer is not caller:
        facts = {"payer": payer.account_id}
        raise Refusal("payer_required", "another account is pinned to pay for the workspace", facts)
    return route


def _allowance(named: str, caller: Account, decision: Decision) -> BillToAllowance:
    """An account that there is not allows nothing either: which of the two it is, is not told."""
    allowance = bill_to_allowance(decision, named, caller.account_id, decision.recorded_at)
    if allowance is None:
        raise Refusal("bill_to_not_authorized", "the account that is named does not pay for this one")
    return allowance


def _require_open(account: Account) -> None:
    require_not_closed(account)
    if account.suspended_for:
        facts = {"reasons": ", ".join(account.suspended_for)}
        raise Refusal("account_suspended", "a suspended account is not held for new calls", facts)
