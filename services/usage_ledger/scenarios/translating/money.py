"""Fees, money that goes back, dividends, and what is set right by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.dividends.commands import DeclareDividend, PayDividend
from usage_ledger.accounts.entries.commands import PostEntry
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.scenarios.translating.asked import REASON, Asked, Telling, Translation, made, to


def _refund_purchase(telling: Telling) -> Asked:
    """Under its command id where the file does not name the refund."""
    return _about_purchase(
        telling, RefundPurchase, refund_id=telling.fields.get("refund", telling.command.command_id), reason=REASON
    )


def _open_dispute(telling: Telling) -> Asked:
    return _about_purchase(telling, OpenDispute, dispute_id=telling.fields["dispute"])


def _about_purchase(telling: Telling, command: type[msgspec.Struct], **values: Any) -> Asked:
    """A purchase is known to the ledger by its payment."""
    fields = telling.fields
    values |= {"account_id": fields["account"], "payment_ref": telling.cast.payment_ref(fields["purchase"])}
    if "amount" in fields:
        values["amount"] = fields["amount"]
    return Asked(telling.tenant_of("account"), made(telling, command, values))


def _post_entry(telling: Telling) -> Asked:
    fields = telling.fields
    lines = [_line(telling, line) for line in fields["lines"]]
    values = {"account_id": fields["account"], "lines": lines, "reason": REASON}
    return Asked(telling.tenant_of("account"), made(telling, PostEntry, values))


def _line(telling: Telling, line: Mapping[str, str]) -> dict[str, Any]:
    sides = [side for side in ("debit", "credit") if side in line]
    if len(sides) != 1 or not line["code"].isdecimal():
        raise telling.wrong("a line has a code of digits, and a debit or a credit")
    told: dict[str, Any] = {"account_code": int(line["code"]), "side": sides[0], "amount": line[sides[0]]}
    return {**told, "account_id": line["account"]} if "account" in line else told


def _declare_dividend(telling: Telling) -> Asked:
    """Of the tenant of its recipients."""
    values = dict(telling.fields)
    values["dividend_id"] = values.pop("dividend")
    return Asked(telling.cast.tenant_of_dividend(values["dividend_id"]), made(telling, DeclareDividend, values))


def _pay_dividend(telling: Telling) -> Asked:
    """``stop_after`` recipients the run dies; running it again completes it."""
    fields = telling.fields
    values = {"dividend_id": fields["dividend"], "recipients_max": fields.get("stop_after")}
    return Asked(telling.cast.tenant_of_dividend(fields["dividend"]), made(telling, PayDividend, values))


def _transfer_credits(telling: Telling) -> Asked:
    """Under its command id where the file does not name the transfer."""
    values = {"transfer": telling.command.command_id, **telling.fields}
    values["transfer_id"] = values.pop("transfer")
    return Asked(telling.tenant_of("from"), made(telling, TransferCredits, values))


TRANSLATIONS: Final[dict[str, Translation]] = {
    "ChargeFee": to(ChargeFee, account="account_id"),
    "RefundPurchase": _refund_purchase,
    "OpenDispute": _open_dispute,
    "CloseDispute": to(CloseDispute, dispute="dispute_id", without=("account",)),
    "AdjustBalance": to(AdjustBalance, account="account_id", without=("lot",)),
    "WriteOffOverdraft": to(WriteOffOverdraft, account="account_id"),
    "TransferCredits": _transfer_credits,
    "PostEntry": _post_entry,
    "DeclareDividend": _declare_dividend,
    "PayDividend": _pay_dividend,
}
