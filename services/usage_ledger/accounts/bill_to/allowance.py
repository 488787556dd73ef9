"""What a payer still allows: its cap, less what was charged and what open holds reserve under it (U15)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream


class BillToAllowance:
    """One authority as it stands for the decision of one command. Amounts are nano-units of the payer's currency."""

    def __init__(self, cap: int | None, charged: int, held: int, currency: str) -> None:
        self._cap = cap
        self._charged = charged
        self._held = held
        self._currency = currency

    def take(self, amount: int | None) -> bool:
        """Count the charge, if it is allowed; one that nobody can say (None) is not."""
        if amount is None or not self._allows(amount):
            return False
        self._charged += amount
        return True

    def require(self, amount: int) -> None:
        """Raises ``Refusal('bill_to_cap_exceeded')``; zero passes (H3)."""
        if self._allows(amount):
            return
        facts = {
            "cap": format_amount(self._cap or 0),
            "charged": format_amount(self._charged),
            "held": format_amount(self._held),
            "required": format_amount(amount),
            "currency": self._currency,
        }
        raise Refusal("bill_to_cap_exceeded", "the payer's cap for this account would be passed", facts)

    def _allows(self, amount: int) -> bool:
        return self._cap is None or not amount or self._charged + self._held + amount <= self._cap


def bill_to_allowance(
    decision: Decision, payer_id: str, beneficiary: str | None, instant: int
) -> BillToAllowance | None:
    """None where the payer allows the beneficiary nothing at the instant (microseconds UTC), or is no account.

    The payer is brought up to date first: a hold that has ended reserves nothing under the cap (C6).
    """
    payer = decision.get(Account, account_stream(decision.tenant, payer_id))
    authority = None if beneficiary is None else payer.bill_to.at(beneficiary, instant)
    if authority is None or beneficiary is None:
        return None
    held = _held_for(current_account(decision, payer_id), beneficiary)
    return BillToAllowance(authority.cap, authority.charged, held, payer.currency)


def _held_for(payer: Account, beneficiary: str) -> int:
    return sum(
        hold.amount
        for hold in payer.holds.by_id.values()
        if hold.decision.detail is not None and hold.decision.detail.used_by == beneficiary
    )
