"""Credit by plan and by dividend, what a processor says of payments, and entries by hand."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.answers import CreditAnswer
from usage_ledger.accounts.credits.answers import PaymentFailureAnswer
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.dividends.answers import DividendAnswer, PaymentAnswer
from usage_ledger.accounts.dividends.commands import DeclareDividend, PayDividend
from usage_ledger.accounts.entries.commands import PostEntry
from usage_ledger.accounts.entries.posting import PostedAnswer
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

_AMOUNT_REFUSALS: Final = ("invalid_amount", "amount_too_precise", "amount_out_of_range", "amount_not_positive")
_CREDITED_REFUSALS: Final = (
    *_AMOUNT_REFUSALS,
    "account_not_found",
    "account_closed",
    "credits_not_applicable",
    "currency_mismatch",
)

WRITES: Final = (
    Write(
        "POST",
        "/v1/accounts/{account_id}/allowances",
        "Grant a plan's allowance",
        (GrantAllowance,),
        body_of(GrantAllowance, without=("account_id",)),
        command_from_body(GrantAllowance),
        CreditAnswer,
        201,
        (*_CREDITED_REFUSALS, "grant_conflict", "period_over", "invalid_period", "invalid_rollover"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/payment-failures",
        "Report that a payment failed",
        (ReportPaymentFailure,),
        body_of(ReportPaymentFailure, without=("account_id",)),
        command_from_body(ReportPaymentFailure),
        PaymentFailureAnswer,
        201,
        ("account_not_found", "payment_failure_conflict"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/journal",
        "Post an entry by hand",
        (PostEntry,),
        body_of(PostEntry, without=("account_id",)),
        command_from_body(PostEntry),
        PostedAnswer,
        201,
        (
            *_AMOUNT_REFUSALS,
            "account_not_found",
            "account_closed",
            "missing_reason",
            "entry_too_short",
            "unknown_account_code",
            "control_account",
            "foreign_account_line",
            "entry_unbalanced",
        ),
    ),
    Write(
        "POST",
        "/v1/dividends",
        "Declare a dividend",
        (DeclareDividend,),
        body_of(DeclareDividend),
        command_from_body(DeclareDividend),
        DividendAnswer,
        201,
        (*_CREDITED_REFUSALS, "dividend_conflict", "duplicate_recipient"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/dividends/{dividend_id}/pay",
        "Pay a dividend, or go on with a run that was interrupted",
        (PayDividend,),
        body_of(PayDividend, without=("dividend_id",)),
        command_from_body(PayDividend),
        PaymentAnswer,
        201,
        ("dividend_not_found", "amount_out_of_range"),
        may_be_empty=True,
    ),
)
