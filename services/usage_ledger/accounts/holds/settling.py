"""What a settlement does to its hold: captured, beyond it, and free again (H5)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.holds.events import HoldSettled


class Settlement:
    """One open hold being settled by the lines of one command, whose charges count together."""

    def __init__(self, account: Account, hold_id: str, *, final: bool) -> None:
        self.account = account
        self.hold_id = hold_id
        self.captured = 0
        self.settled: HoldSettled | None = None
        self._final = final

    def settle(self) -> HoldSettled:
        """The event, against the account as the charge left it. Amounts are nano-units."""
        account, held = self.account, self.account.holds.by_id[self.hold_id].amount
        left = max(0, held - self.captured)
        self.settled = HoldSettled(
            account_id=account.account_id,
            currency=account.currency,
            hold_id=self.hold_id,
            held=held,
            captured=self.captured,
            overage=max(0, self.captured - held),
            released=left if self._final else 0,
            final=self._final,
            balance_after=account.balance,
            held_after=account.held - held + (0 if self._final else left),
        )
        return self.settled
