"""A dividend is paid by one grant a recipient; a run that was interrupted is completed by running again (C16).

Whether a recipient was paid, its own account tells, so that no run pays anybody twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.credits.granted import granted_now
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.dividends.answers import PaymentAnswer, payment_answer
from usage_ledger.accounts.dividends.commands import PayDividend
from usage_ledger.accounts.dividends.dividend import Dividend
from usage_ledger.accounts.dividends.events import DividendCompleted, DividendDeclared
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream, dividend_stream


def pay_dividend(command: PayDividend, decision: Decision) -> PaymentAnswer:
    """Pay who was not paid yet; a completed dividend pays nothing more (C16).

    Raises ``Refusal``: ``dividend_not_found``, ``amount_out_of_range``; a run that is refused pays nobody.
    """
    stream = dividend_stream(decision.tenant, command.dividend_id)
    dividend = decision.get(Dividend, stream)
    declared = dividend.declared
    if declared is None:
        raise Refusal("dividend_not_found", "no dividend of this id was declared")
    if dividend.completed is not None:
        return payment_answer(declared, 0, 0)
    accounts = _accounts(declared, decision)
    unpaid = [account for account in accounts if not account.closed and not _is_paid(account, declared)]
    paid_now = unpaid[: command.recipients_max]
    _pay(paid_now, declared, decision)
    left = len(unpaid) - len(paid_now)
    if not left:
        decision.record(stream, _completed(declared, accounts))
    return payment_answer(declared, len(paid_now), left)


def _accounts(declared: DividendDeclared, decision: Decision) -> list[Account]:
    """Nobody is paid a share of nothing."""
    if not declared.share:
        return []
    decision.preload(Account, [account_stream(decision.tenant, each) for each in declared.recipients])
    return [current_account(decision, each) for each in declared.recipients]


def _pay(accounts: Iterable[Account], declared: DividendDeclared, decision: Decision) -> None:
    """Every grant is worked out before the first is recorded, so that a refusal finds nothing recorded."""
    grants = [(account, granted_now(account, _grant(account, declared, decision))) for account in accounts]
    for account, granted in grants:
        record_on_account(decision, account, granted)


def _grant(account: Account, declared: DividendDeclared, decision: Decision) -> GrantScheduled:
    reference = _reference(declared, account)
    decision.claim("grant", f"{account.account_id}/dividend/{reference}", str(declared.share))
    return GrantScheduled(
        account_id=account.account_id,
        currency=account.currency,
        kind="dividend",
        amount=declared.share,
        reference=reference,
        reason=f"share of dividend {declared.dividend_id}",
        priority=DEFAULT_PRIORITY,
        effective_at=decision.recorded_at,
        expires_at=None,
    )


def _completed(declared: DividendDeclared, accounts: Iterable[Account]) -> DividendCompleted:
    """The account of a recipient may have been closed since: its share stays with the payer."""
    unpaid = tuple(account.account_id for account in accounts if not _is_paid(account, declared))
    paid = declared.share * (len(declared.recipients) - len(unpaid))
    return DividendCompleted(declared.dividend_id, declared.currency, paid, declared.pool - paid, unpaid)


def _is_paid(account: Account, declared: DividendDeclared) -> bool:
    return _reference(declared, account) in account.credit_record.dividends


def _reference(declared: DividendDeclared, account: Account) -> str:
    return f"dividend/{declared.dividend_id}/{account.account_id}"
