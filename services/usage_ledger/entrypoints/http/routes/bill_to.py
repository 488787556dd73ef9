"""Whom an account pays for beside its own workspaces."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.bill_to.authorizing import BillToAnswer
from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.entrypoints.http.command_bodies import NoBody, body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write

_PATH: Final = "/v1/accounts/{account_id}/bill-to/{beneficiary}"


WRITES: Final = (
    Write(
        "PUT",
        _PATH,
        "Let another account's usage be charged to this one",
        (AuthorizeBillTo,),
        body_of(AuthorizeBillTo, without=("account_id", "beneficiary"), instants=("expires_at",)),
        command_from_body(AuthorizeBillTo),
        BillToAnswer,
        200,
        (
            *("account_not_found", "account_closed", "currency_mismatch", "expires_in_past", "invalid_limit"),
            "too_many_beneficiaries",
            *("invalid_amount", "amount_too_precise", "amount_out_of_range"),
        ),
    ),
    Write(
        "DELETE",
        _PATH,
        "Pay for another account's usage no longer",
        (RevokeBillTo,),
        NoBody,
        command_from_body(RevokeBillTo),
        BillToAnswer,
        200,
        ("account_not_found", "bill_to_not_found"),
        may_be_empty=True,
    ),
)
