"""Money that goes back, and balances that are set right by hand."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
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


TRANSLATIONS: Final[dict[str, Translation]] = {
    "ChargeFee": to(ChargeFee, account="account_id"),
    "RefundPurchase": _refund_purchase,
    "OpenDispute": _open_dispute,
    "CloseDispute": to(CloseDispute, dispute="dispute_id", without=("account",)),
    "AdjustBalance": to(AdjustBalance, account="account_id", without=("lot",)),
    "WriteOffOverdraft": to(WriteOffOverdraft, account="account_id"),
}
