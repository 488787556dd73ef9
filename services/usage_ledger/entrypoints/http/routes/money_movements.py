"""Money that moves without being used or bought: fees."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.fees.charging import FeeAnswer
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

_AMOUNT_REFUSALS: Final = (
    "invalid_amount",
    "amount_too_precise",
    "amount_out_of_range",
    "amount_not_positive",
    "account_not_found",
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
        (*_AMOUNT_REFUSALS, "fee_conflict", "credits_exhausted", "insufficient_credits"),
        repeatable=True,
    ),
)
