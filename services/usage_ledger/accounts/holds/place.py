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
from usage_ledger.accounts.holds.paying import Paying, paying
from usage_ledger.deciding import Decision
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.payer_decision import is_known
from usage_ledger.usage.route import Route

_MICROS: Final = 1_000_000


def place_hold(command: PlaceHold, decision: Decision) -> HoldAnswer:
    """Reserve the amount on the payer's account, or refuse with the first reason in the order of H1.

    Raises ``Refusal``: ``account_not_found``, ``hold_exists``; the codes of ``paying``; ``rate_limited``,
    ``circuit_open``; ``attribution_invalid``,
    ``currency_mismatch``, ``amount_not_positive``, ``unpriced_model``; ``budget_exceeded``, ``bill_to_cap_exceeded``,
    the codes of ``require_funds``. Raises ``InvalidInput``: ``missing_field``, ``invalid_value``, the codes of
    ``parse_amount`` and ``attempt_ahead``.
    """
    stated = _stated(command)
    attempt = attempt_ahead(command, decision)
    caller = current_account(decision, command.account_id)
    _require_unused(command.hold_id, decision)
    paid = paying(command, caller, attempt, decision)
    capability = paid.route.payer_decision.capability
    decision.throttle(caller.account_id, capability, caller.rate_limits.get(capability))
    _require_known(command, caller)
    _require_currency(command, paid.account)
    amount, estimate = _amount(stated, attempt, paid.route)
    _require_money(paid, amount, decision)
    placed = _placed(command, decision, paid, amount, estimate)
    record_on_account(decision, paid.account, placed)
    return hold_answer(placed)


def _stated(command: PlaceHold) -> int | None:
    """Nano-units; None for a call that is estimated."""
    if command.amount is None:
        if command.estimate is None:
            raise InvalidInput("missing_field", "say the amount, or estimate the call", "/amount")
        return None
    if command.estimate is not None:
        raise InvalidInput("invalid_value", "an amount that is given is not estimated", "/estimate")
    amount = parse_amount(command.amount, "/amount")
    if amount <= 0:
        raise Refusal("amount_not_positive", "the amount is above zero")
    return amount


def _require_unused(hold_id: str, decision: Decision) -> None:
    if decision.find_holds([hold_id]):
        raise Refusal("hold_exists", "a hold of this id was placed before")


def _require_known(command: PlaceHold, caller: Account) -> None:
    """Whoever is named has to be of the tenant: what is not counted would pass the budgets of nobody (U14)."""
    if command.attributed_to is not None and not is_known(command.attributed_to, caller):
        raise Refusal("attribution_invalid", "the tenant has no such user or workspace")


def _require_currency(command: PlaceHold, account: Account) -> None:
    if command.currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})


def _amount(stated: int | None, attempt: Attempt, route: Route) -> tuple[int, HoldEstimate | None]:
    """Where nobody pays nothing is held, and where a fee is all that is charged no more than that."""
    if stated is None:
        return estimated(attempt, route)
    if route.booking.account is None:
        return 0, None
    detail = route.choice.basis.detail
    return (stated if detail is None or detail.byok_fee is None else min(stated, detail.byok_fee)), None


def _require_money(paid: Paying, amount: int, decision: Decision) -> None:
    require_budgets(paid.account, amount, paid.route.payer_decision, decision.recorded_at)
    if paid.allowance is not None:
        paid.allowance.require(amount)
    require_funds(paid.account, amount)


def _placed(
    command: PlaceHold, decision: Decision, paid: Paying, amount: int, estimate: HoldEstimate | None
) -> HoldPlaced:
    account = paid.account
    return HoldPlaced(
        account_id=account.account_id,
        currency=account.currency,
        hold_id=command.hold_id,
        amount=amount,
        expires_at=decision.recorded_at + command.expires_in_s * _MICROS,
        estimate=estimate,
        decision=paid.route.payer_decision,
        balance_after=account.balance,
        held_after=account.held + amount,
    )
