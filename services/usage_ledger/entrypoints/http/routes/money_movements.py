"""Money that moves without being used or bought: fees, refunds, disputes, transfers, adjustments, write-offs."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.adjustments.adjusting import AdjustmentAnswer
from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.adjustments.writing_off import WriteOffAnswer
from usage_ledger.accounts.fees.charging import FeeAnswer
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.refunds.disputing import ClosedDisputeAnswer, DisputeAnswer
from usage_ledger.accounts.refunds.refunding import RefundAnswer
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.transferring import TransferAnswer
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

_AMOUNT_REFUSALS: Final = (
    "invalid_amount",
    "amount_too_precise",
    "amount_out_of_range",
    "amount_not_positive",
    "account_not_found",
    "event_too_large",
    "currency_mismatch",
)

WRITES: Final = (
    Write(
        "POST",
        "/v1/accounts/{account_id}/fees",
        "Charge a fee",
        (ChargeFee,),
        body_of(ChargeFee, without=("account_id",)),
        command_from_body(ChargeFee),
        FeeAnswer,
        201,
        (*_AMOUNT_REFUSALS, "account_closed", "fee_conflict", "credits_exhausted", "insufficient_credits"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/refunds",
        "Refund a purchase",
        (RefundPurchase,),
        body_of(RefundPurchase, without=("account_id",)),
        command_from_body(RefundPurchase),
        RefundAnswer,
        201,
        (*_AMOUNT_REFUSALS, "missing_reason", "refund_conflict", "purchase_not_found", "refund_exceeds_purchase"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/disputes",
        "Open a dispute",
        (OpenDispute,),
        body_of(OpenDispute, without=("account_id",)),
        command_from_body(OpenDispute),
        DisputeAnswer,
        201,
        (*_AMOUNT_REFUSALS, "dispute_conflict", "purchase_not_found", "refund_exceeds_purchase"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/disputes/{dispute_id}/close",
        "Close a dispute",
        (CloseDispute,),
        body_of(CloseDispute, without=("dispute_id",)),
        command_from_body(CloseDispute),
        ClosedDisputeAnswer,
        201,
        ("dispute_not_found", "already_decided", "amount_out_of_range"),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/transfers",
        "Transfer credits between accounts",
        (TransferCredits,),
        body_of(TransferCredits),
        command_from_body(TransferCredits),
        TransferAnswer,
        201,
        (
            *_AMOUNT_REFUSALS,
            "account_closed",
            "credits_not_applicable",
            "transfer_conflict",
            "insufficient_transferable",
        ),
        repeatable=True,
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/adjustments",
        "Adjust a balance",
        (AdjustBalance,),
        body_of(AdjustBalance, without=("account_id",)),
        command_from_body(AdjustBalance),
        AdjustmentAnswer,
        201,
        (*_AMOUNT_REFUSALS, "missing_reason", "account_closed", "credits_not_applicable"),
    ),
    Write(
        "POST",
        "/v1/accounts/{account_id}/write-offs",
        "Write off an overdraft",
        (WriteOffOverdraft,),
        body_of(WriteOffOverdraft, without=("account_id",)),
        command_from_body(WriteOffOverdraft),
        WriteOffAnswer,
        201,
        (*_AMOUNT_REFUSALS, "missing_reason", "write_off_exceeds_overdraft"),
    ),
)
