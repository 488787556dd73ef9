"""How far below zero an account may go, and how much it may owe: changed with a trace, not when nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.commands import SetCreditLimit, SetOverdraftLimit
from usage_ledger.accounts.lifecycle.events import CreditLimitSet, OverdraftLimitSet
from usage_ledger.accounts.limits.answers import LimitsAnswer, limits_answer
from usage_ledger.accounts.limits.budgets import limit_of
from usage_ledger.deciding import Decision
from usage_ledger.streams import account_stream


def set_overdraft_limit(command: SetOverdraftLimit, decision: Decision) -> LimitsAnswer:
    """Raises ``Refusal('account_not_found')``; ``InvalidInput``: ``invalid_limit``, and as ``parse_amount``."""
    account = current_account(decision, command.account_id)
    for event in overdraft_limit_set(account, limit_of(command.limit, "/limit"), command.reason):
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return limits_answer(account, decision.recorded_at)


def set_credit_limit(command: SetCreditLimit, decision: Decision) -> LimitsAnswer:
    """Raises ``Refusal('account_not_found')``; ``InvalidInput``: ``invalid_limit``, and as ``parse_amount``."""
    account = current_account(decision, command.account_id)
    limit = None if command.limit is None else limit_of(command.limit, "/limit")
    for event in credit_limit_set(account, limit, command.reason):
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return limits_answer(account, decision.recorded_at)


def overdraft_limit_set(account: Account, limit: int, reason: str | None = None) -> Iterator[OverdraftLimitSet]:
    """The event of another limit (nano-units), if it is another."""
    if limit != account.overdraft_limit:
        yield OverdraftLimitSet(account.account_id, account.currency, account.overdraft_limit, limit, reason)


def credit_limit_set(account: Account, limit: int | None, reason: str | None = None) -> Iterator[CreditLimitSet]:
    """The event of another limit (nano-units, None is without), if it is another."""
    if limit != account.credit_limit:
        yield CreditLimitSet(account.account_id, account.currency, account.credit_limit, limit, reason)
