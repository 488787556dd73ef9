"""What an account remembers of credit beside its lots: what was paid, is disputed, and will be granted."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.refunds.purchases import PendingDispute, Purchase
from usage_ledger.timeline import END


class CreditRecord(msgspec.Struct):
    """Folded from events. Times are microseconds UTC."""

    purchases: dict[str, Purchase] = {}
    """By payment_ref."""
    disputes: dict[str, PendingDispute] = {}
    """Those that are open, by their id (C13)."""
    scheduled: dict[int, GrantScheduled] = {}
    """Grants to come, by the version of the event that scheduled them (C9)."""
    dividends: list[str] = []
    """References of the dividends' grants: a run that goes on must know whom it paid (C16)."""
    next_grant: int = END
    """When the first scheduled grant takes effect."""

    def schedule(self, version: int, grant: GrantScheduled) -> None:
        self.scheduled[version] = grant
        self.next_grant = min(self.next_grant, grant.effective_at)

    def unschedule(self, kind: str, reference: str) -> bool:
        """The grant took effect; answers whether it was scheduled before, and is no more."""
        for version, grant in self.scheduled.items():
            if (grant.kind, grant.reference) == (kind, reference):
                del self.scheduled[version]
                self.next_grant = min((grant.effective_at for grant in self.scheduled.values()), default=END)
                return True
        return False

    def forget_scheduled(self) -> None:
        """A closed account is granted nothing (A3)."""
        self.scheduled = {}
        self.next_grant = END
