"""SetSpendLimits: several limits at once, all or none (L1, H2)."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.limiting import credit_limit_set, overdraft_limit_set
from usage_ledger.accounts.limits.answers import LimitsAnswer, limits_answer
from usage_ledger.accounts.limits.budgets import budget_event, budget_removed, limit_of, require_room_for_budgets
from usage_ledger.accounts.limits.commands import BudgetTerms, SetSpendLimits
from usage_ledger.accounts.limits.events import BudgetSet
from usage_ledger.accounts.limits.past_usage import PastUsage
from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import InvalidInput
from usage_ledger.streams import account_stream


def set_spend_limits(command: SetSpendLimits, decision: Decision) -> LimitsAnswer:
    """Set, change and remove the limits that are named; what holds already records nothing.

    Raises ``Refusal``: ``account_not_found``, ``budget_not_found`` (it was to be removed), ``too_many_budgets``;
    ``InvalidInput``: ``invalid_value`` (named twice, or a limit that is none and another), ``missing_field``,
    ``invalid_limit``, ``invalid_zone``, ``invalid_scope`` and the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    _require_each_once(command.budgets)
    events = [*_budget_events(command, account, decision), *_limit_events(command, account)]
    require_room_for_budgets(account, [event for event in events if isinstance(event, BudgetSet)])
    for event in events:
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return limits_answer(account, decision.recorded_at)


def _require_each_once(budgets: tuple[BudgetTerms, ...]) -> None:
    named: set[str] = set()
    for place, terms in enumerate(budgets):
        if terms.budget_id in named:
            raise InvalidInput("invalid_value", "a budget is named once", f"/budgets/{place}/budget_id")
        named.add(terms.budget_id)


def _budget_events(command: SetSpendLimits, account: Account, decision: Decision) -> Iterator[EventPayload]:
    past = PastUsage(decision, account_stream(decision.tenant, account.account_id))
    for place, terms in enumerate(command.budgets):
        if terms.limit is None:
            yield budget_removed(account, terms.budget_id)
        elif event := budget_event(account, terms, past, decision.recorded_at, f"/budgets/{place}"):
            yield event


def _limit_events(command: SetSpendLimits, account: Account) -> Iterator[EventPayload]:
    if command.overdraft_limit is not None:
        yield from overdraft_limit_set(account, limit_of(command.overdraft_limit, "/overdraft_limit"))
    if command.unlimited_credit:
        if command.credit_limit is not None:
            raise InvalidInput("invalid_value", "credit is either limited or not", "/credit_limit")
        yield from credit_limit_set(account, None)
    elif command.credit_limit is not None:
        yield from credit_limit_set(account, limit_of(command.credit_limit, "/credit_limit"))
