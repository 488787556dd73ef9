"""Accounts: open one, bring credit in."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.answers import AccountAnswer, CreditAnswer
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

_AMOUNT_REFUSALS: Final = ("invalid_amount", "amount_too_precise", "amount_out_of_range")
_CREDIT_REFUSALS: Final = (
    *_AMOUNT_REFUSALS,
    "account_not_found",
    "account_closed",
    "expires_in_past",
    "credits_not_applicable",
    "currency_mismatch",
    "amount_not_positive",
)

WRITES: Final = (
    Write(
        "POST",
        "/v1/accounts",
        "Open an account",
        (OpenAccount,),
        body_of(OpenAccount),
        command_from_body(OpenAccount),
        AccountAnswer,
        201,
        ("account_exists", "invalid_tier", "invalid_zone", "invalid_limit", *_AMOUNT_REFUSALS),
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/grants",
        "Grant credits",
        (GrantCredits,),
        body_of(GrantCredits, without=("account_id",), instants=("effective_at", "expires_at")),
        command_from_body(GrantCredits),
        CreditAnswer,
        201,
        (*_CREDIT_REFUSALS, "unknown_grant_kind", "grant_conflict", "missing_reason"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/purchases",
        "Record a purchase",
        (RecordPurchase,),
        body_of(RecordPurchase, without=("account_id",), instants=("expires_at",)),
        command_from_body(RecordPurchase),
        CreditAnswer,
        201,
        (*_CREDIT_REFUSALS, "amount_not_chargeable", "payment_conflict"),
        repeatable=True,
    ),
)
