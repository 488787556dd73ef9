"""PlaceHold: whether a call may be made, and the credit that is reserved for it if so (H1-H4).

It is decided in the payer's own sequence of decisions, so that no number of parallel calls spends more than there is
(H8, H9). A check without a hold would not be such a bound, and there is none (H10).
"""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.funds import require_funds
from usage_ledger.accounts.holds.answers import HoldAnswer, hold_answer
from usage_ledger.accounts.holds.budgets import require_budgets
from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.accounts.holds.estimating import attempt_ahead, estimated
from usage_ledger.accounts.holds.events import HoldEstimate, HoldPlaced
from usage_ledger.accounts.holds.paying import paid_route
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.deciding import Decision
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.payer_decision import is_known
from usage_ledger.usage.route import Route

_MICROS: Final = 1_000_000


def place_hold(command: PlaceHold, decision: Decision) -> HoldAnswer:
    """Reserve the amount, or refuse with the first reason in the order of H1.

    Raises ``Refusal``: ``account_not_found``, ``currency_mismatch``, ``amount_not_positive``, ``hold_exists``;
    ``account_closed``, ``account_suspended``, the codes of ``paid_route``; ``attribution_invalid``,
    ``unpriced_model``; ``budget_exceeded``, the codes of ``require_funds``. Raises ``InvalidInput``:
    ``missing_field``, ``invalid_value``, the codes of ``parse_amount`` and ``attempt_ahead``.
    """
    _require_one_basis(command)
    attempt = attempt_ahead(command, decision)
    account = current_account(decision, command.account_id)
    stated = _stated(command, account)
    _require_unused(command.hold_id, decision)
    _require_open(account)
    route = paid_route(command, attempt, decision)
    _require_known(command, account)
    amount, estimate = _amount(stated, attempt, route)
    require_budgets(account, amount, route.payer_decision, decision.recorded_at)
    require_funds(account, amount)
    placed = _placed(command, decision, account, route, amount, estimate)
    record_on_account(decision, account, placed)
    return hold_answer(placed)


def _require_one_basis(command: PlaceHold) -> None:
    if command.amount is None and command.estimate is None:
        raise InvalidInput("missing_field", "say the amount, or estimate the call", "/amount")
    if command.amount is not None and command.estimate is not None:
        raise InvalidInput("invalid_value", "an amount that is given is not estimated", "/estimate")


def _stated(command: PlaceHold, account: Account) -> int | None:
    if command.currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    if command.amount is None:
        return None
    amount = parse_amount(command.amount, "/amount")
    if amount <= 0:
        raise Refusal("amount_not_positive", "the amount is above zero")
    return amount


def _require_unused(hold_id: str, decision: Decision) -> None:
    if decision.find_holds([hold_id]):
        raise Refusal("hold_exists", "a hold of this id was placed before")


def _require_open(account: Account) -> None:
    require_not_closed(account)
    if account.suspended_for:
        facts = {"reasons": ", ".join(account.suspended_for)}
        raise Refusal("account_suspended", "a suspended account is not held for new calls", facts)


def _require_known(command: PlaceHold, account: Account) -> None:
    """Whoever is named has to be of the tenant: what is not counted would pass the budgets of nobody (U14)."""
    if command.attributed_to is not None and not is_known(command.attributed_to, account):
        raise Refusal("attribution_invalid", "the tenant has no such user or workspace")


def _amount(stated: int | None, attempt: Attempt, route: Route) -> tuple[int, HoldEstimate | None]:
    """Where nobody pays nothing is held, and where a fee is all that is charged no more than that."""
    if stated is None:
        return estimated(attempt, route)
    if route.booking.account is None:
        return 0, None
    detail = route.choice.basis.detail
    return (stated if detail is None or detail.byok_fee is None else min(stated, detail.byok_fee)), None


def _placed(
    command: PlaceHold, decision: Decision, account: Account, route: Route, amount: int, estimate: HoldEstimate | None
) -> HoldPlaced:
    return HoldPlaced(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=command.hold_id,
        amount=amount,
        expires_at=decision.recorded_at + command.expires_in_s * _MICROS,
        estimate=estimate,
        decision=route.payer_decision,
        balance_after=account.balance,
        held_after=account.held + amount,
    )
