"""SetBudget and RemoveBudget, and what both share with SetSpendLimits: how terms become an event (L1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.limits.answers import LimitsAnswer, limits_answer
from usage_ledger.accounts.limits.budget import WINDOWS_AT_ONCE, WINDOWS_MAX, Budget, budget_from, counts_the_same
from usage_ledger.accounts.limits.commands import BudgetTerms, RemoveBudget, SetBudget
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet, WindowSpend
from usage_ledger.accounts.limits.past_usage import AHEAD_MICROS, PastUsage
from usage_ledger.accounts.limits.windows import WindowKind, window_of
from usage_ledger.deciding import Decision
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream
from usage_ledger.zones import time_zone

DEFAULT_THRESHOLDS: Final = (80, 100)

_TERMS: Final = ("scope", "scope_value", "window", "zone", "limit", "enforcement", "thresholds")


def set_budget(command: SetBudget, decision: Decision) -> LimitsAnswer:
    """Set a budget, or change it; what it counted stays counted while its scope, window and zone stay (L1).

    Setting what holds already records nothing. Raises ``Refusal``: ``account_not_found``, ``too_many_budgets``;
    ``InvalidInput``: ``invalid_limit``, ``invalid_zone``, ``invalid_scope`` and the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    terms = BudgetTerms(**{name: getattr(command, name) for name in BudgetTerms.__struct_fields__})
    past = PastUsage(decision, account_stream(decision.tenant, account.account_id))
    event = budget_event(account, terms, past, decision.recorded_at)
    if event is not None:
        require_room_for_budgets(account, [event])
        decision.record(account_stream(decision.tenant, account.account_id), event)
    return limits_answer(account, decision.recorded_at)


def remove_budget(command: RemoveBudget, decision: Decision) -> LimitsAnswer:
    """End a budget. Raises ``Refusal``: ``account_not_found``, ``budget_not_found``."""
    account = current_account(decision, command.account_id)
    removed = budget_removed(account, command.budget_id)
    decision.record(account_stream(decision.tenant, account.account_id), removed)
    return limits_answer(account, decision.recorded_at)


def budget_event(
    account: Account, terms: BudgetTerms, past: PastUsage, now: int, pointer: str = ""
) -> BudgetSet | None:
    """The event that makes the terms hold, None where they hold already. ``pointer`` says where they stood.

    A budget that counts something else than before begins with what was spent in the window that holds now.
    """
    if terms.limit is None or terms.window is None:
        raise InvalidInput("missing_field", "a budget that is set has a limit and a window", pointer)
    before = account.limits.budgets.get(terms.budget_id)
    event = BudgetSet(
        account_id=account.account_id,
        currency=account.currency,
        budget_id=terms.budget_id,
        scope=terms.scope,
        scope_value=_scope_value(terms, pointer),
        window=terms.window,
        zone=checked_zone(terms.zone or account.zone, f"{pointer}/zone"),
        limit=limit_of(terms.limit, f"{pointer}/limit"),
        enforcement=terms.enforcement or "hard",
        thresholds=DEFAULT_THRESHOLDS if terms.thresholds is None else tuple(sorted(set(terms.thresholds))),
        counted_from=now,
        spent=(),
    )
    if before is None or not counts_the_same(event, before):
        return _with_past_usage(event, past, now)
    return None if _is_as(before, event) else replace(event, counted_from=before.counted_from, continues=True)


def budget_removed(account: Account, budget_id: str) -> BudgetRemoved:
    """Raises ``Refusal('budget_not_found')``."""
    if budget_id not in account.limits.budgets:
        raise Refusal("budget_not_found", "the account has no budget of this id", {"budget": budget_id})
    return BudgetRemoved(account.account_id, budget_id)


def require_room_for_budgets(account: Account, added: Iterable[BudgetSet]) -> None:
    """Raises ``Refusal('too_many_budgets')``."""
    kinds: dict[str, WindowKind] = {budget.budget_id: budget.window for budget in account.limits.budgets.values()}
    kinds |= {event.budget_id: event.window for event in added}
    if sum(WINDOWS_AT_ONCE[kind] for kind in kinds.values()) > WINDOWS_MAX:
        raise Refusal("too_many_budgets", f"the account's budgets would have more than {WINDOWS_MAX} windows at a time")


def limit_of(text: str, pointer: str) -> int:
    """Nano-units, not below zero. Raises ``InvalidInput``: ``invalid_limit`` and the codes of ``parse_amount``."""
    limit = parse_amount(text, pointer)
    if limit < 0:
        raise InvalidInput("invalid_limit", "a limit is not negative", pointer)
    return limit


def checked_zone(name: str, pointer: str) -> str:
    """The name, if a zone has it. Raises ``InvalidInput('invalid_zone')``."""
    try:
        time_zone(name)
    except LookupError:
        raise InvalidInput("invalid_zone", "expected an IANA time zone such as Europe/Berlin", pointer) from None
    return name


def _with_past_usage(event: BudgetSet, past: PastUsage, now: int) -> BudgetSet:
    """The event, with what was spent in the window that holds now before the budget was set, if that can be told."""
    window = window_of(event.window, event.zone, now)
    spent = past.since(window.start)
    if spent is None:
        return event
    counted = budget_from(event, None).spend_after(spent, now)
    so_far = [WindowSpend(each.window_start, each.spend, each.window_end) for each in counted]
    return replace(
        event,
        counted_from=max(0, window.start - AHEAD_MICROS),
        spent=tuple(each for each in so_far if each.start == window.start),
    )


def _scope_value(terms: BudgetTerms, pointer: str) -> str | None:
    if (terms.scope == "account") != (terms.scope_value is None):
        raise InvalidInput(
            "invalid_scope",
            "a scope names one user, workspace, key or team, or else is the account",
            f"{pointer}/scope",
        )
    return terms.scope_value


def _is_as(budget: Budget, event: BudgetSet) -> bool:
    return all(getattr(budget, name) == getattr(event, name) for name in _TERMS)
