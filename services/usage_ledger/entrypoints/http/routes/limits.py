"""What limits an account, and what keeps it from running dry: budgets, overdraft, credit, auto top-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from usage_ledger.accounts.limits.answers import AutoTopupAnswer, LimitsAnswer, Scope, ScopeOf
from usage_ledger.accounts.limits.commands import (
    BUDGETS_MAX,
    BudgetTerms,
    CompleteTopup,
    ConfigureAutoTopup,
    FailTopup,
    SetSpendLimits,
    Thresholds,
)
from usage_ledger.accounts.limits.events import Enforcement, ScopeKind
from usage_ledger.accounts.limits.windows import WindowKind
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.identifiers import Id


class BudgetBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A budget as it is to be; ``limit`` null removes it."""

    budget_id: Id
    limit: str | None
    window: WindowKind | None = None
    scope: Scope = "account"
    zone: str | None = None
    enforcement: Enforcement | None = None
    thresholds: Thresholds | None = None


class LimitsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays as it is; ``credit_limit`` null is without limit."""

    budgets: Annotated[tuple[BudgetBody, ...], msgspec.Meta(max_length=BUDGETS_MAX)] = ()
    overdraft_limit: str | UnsetType = UNSET
    credit_limit: str | UnsetType | None = UNSET


def limits_command(body: LimitsBody, path_ids: Mapping[str, str]) -> SetSpendLimits:
    return SetSpendLimits(
        account_id=path_ids["account_id"],
        budgets=tuple(map(_terms, body.budgets)),
        overdraft_limit=None if body.overdraft_limit is UNSET else body.overdraft_limit,
        credit_limit=None if body.credit_limit is UNSET else body.credit_limit,
        unlimited_credit=body.credit_limit is None,
    )


def _terms(budget: BudgetBody) -> BudgetTerms:
    scope, scope_value = _scope(budget.scope)
    return BudgetTerms(
        budget_id=budget.budget_id,
        limit=budget.limit,
        window=budget.window,
        scope=scope,
        scope_value=scope_value,
        zone=budget.zone,
        enforcement=budget.enforcement,
        thresholds=budget.thresholds,
    )


def _scope(scope: Scope) -> tuple[ScopeKind, str | None]:
    """The kind and the name; of no name, or several, one without a name, which the deciding function refuses."""
    if not isinstance(scope, ScopeOf):
        return "account", None
    named: list[tuple[ScopeKind, str | None]] = [
        ("user", scope.user),
        ("workspace", scope.workspace),
        ("key", scope.key),
        ("team", scope.team),
    ]
    given = [each for each in named if each[1] is not None]
    return given[0] if len(given) == 1 else ("user", None)


_AMOUNT_REFUSALS: Final = ("invalid_amount", "amount_too_precise", "amount_out_of_range", "account_not_found")
_TOPUP: Final = "/v1/accounts/{account_id}/auto-topup"

WRITES: Final = (
    Write(
        "PUT",
        "/v1/accounts/{account_id}/limits",
        "Set, change and remove budgets and limits",
        (SetSpendLimits,),
        LimitsBody,
        limits_command,
        LimitsAnswer,
        200,
        (*_AMOUNT_REFUSALS, "budget_not_found", "too_many_budgets", "invalid_limit", "invalid_zone", "invalid_scope"),
    ),
    Write(
        "PUT",
        _TOPUP,
        "Say when credit is to be bought, and how much",
        (ConfigureAutoTopup,),
        body_of(ConfigureAutoTopup, without=("account_id",)),
        command_from_body(ConfigureAutoTopup),
        AutoTopupAnswer,
        200,
        (
            *(*_AMOUNT_REFUSALS, "amount_not_positive", "amount_not_chargeable", "invalid_limit"),
            *("currency_mismatch", "credits_not_applicable", "account_closed"),
        ),
    ),
    Write(
        "POST",
        f"{_TOPUP}/complete",
        "Say that the payment of a top-up went through",
        (CompleteTopup,),
        body_of(CompleteTopup, without=("account_id",)),
        command_from_body(CompleteTopup),
        AutoTopupAnswer,
        200,
        (
            *("account_not_found", "account_closed", "credits_not_applicable", "topup_not_found", "already_decided"),
            *("topup_conflict", "payment_conflict", "amount_out_of_range"),
        ),
        repeatable=True,
    ),
    Write(
        "POST",
        f"{_TOPUP}/fail",
        "Say that the payment of a top-up failed",
        (FailTopup,),
        body_of(FailTopup, without=("account_id",)),
        command_from_body(FailTopup),
        AutoTopupAnswer,
        200,
        ("account_not_found", "topup_not_found", "already_decided"),
        repeatable=True,
    ),
)
