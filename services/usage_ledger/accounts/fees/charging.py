"""A fee is charged in full if it can be paid, or, capped, as far as credit is there (C15)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.chart_of_accounts import FEE_REVENUE, INTERNAL_RECHARGE
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.taking import Taken, take
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.fees.events import FeeCharged
from usage_ledger.accounts.funds import require_funds
from usage_ledger.accounts.journal import JournalEntry, JournalLine
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.accounts.lifecycle.suspending import suspended
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import format_amount

FEE_UNPAID = "fee_unpaid"
"""Why an account is suspended that could not pay a fee."""


class FeeAnswer(MovedAnswer, frozen=True, kw_only=True):
    """What was charged of what was requested."""

    fee: str
    period: str
    requested: str
    charged: str
    shortfall: str


def charge_fee(command: ChargeFee, decision: Decision) -> FeeAnswer | Repeated:
    """Charge a fee, once per account, fee and period (C15).

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``currency_mismatch``, ``amount_not_positive``,
    ``fee_conflict`` (the period was charged with another amount), ``credits_exhausted``, ``insufficient_credits``,
    ``event_too_large``, ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    requested = positive_amount(account, command.amount, command.currency)
    first = decision.claim("fee", f"{command.account_id}/{command.fee}/{command.period}", str(requested))
    if first is not None:
        return Repeated(first)
    require_not_closed(account)
    charged = _chargeable(account, requested, capped=command.capped)
    fee = _fee_charged(command, account, requested, charged)
    suspends = command.suspend_if_short and charged < requested
    record_on_account(decision, account, fee, last=suspended(account, FEE_UNPAID) if suspends else ())
    return _answer(fee)


def _chargeable(account: Account, requested: int, *, capped: bool) -> int:
    """A cap speaks of credit: the platform's own account, which holds none, is charged in full (A1)."""
    if capped and account.holds_credits:
        return min(requested, max(0, account.available))
    require_funds(account, requested)
    return requested


def _fee_charged(command: ChargeFee, account: Account, requested: int, charged: int) -> FeeCharged:
    taken = take(account, charged)
    return FeeCharged(
        account_id=account.account_id,
        currency=account.currency,
        fee=command.fee,
        period=command.period,
        requested=requested,
        charged=charged,
        shortfall=requested - charged,
        allocations=taken.parts,
        entries=_entries(command, account, taken, charged),
        balance_after=taken.balance_after,
        held_after=account.held,
    )


def _entries(command: ChargeFee, account: Account, taken: Taken, charged: int) -> tuple[JournalEntry, ...]:
    if not charged:
        return ()
    revenue = FEE_REVENUE[command.fee] if account.holds_credits else INTERNAL_RECHARGE
    return (account.entry("fee", (*taken.lines, JournalLine(revenue, "credit", charged))),)


def _answer(fee: FeeCharged) -> FeeAnswer:
    return FeeAnswer(
        **standing_after(fee),
        fee=fee.fee,
        period=fee.period,
        requested=format_amount(fee.requested),
        charged=format_amount(fee.charged),
        shortfall=format_amount(fee.shortfall),
    )
