"""The part of an account's state that limits it, or keeps it from running dry."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.limits.budget import Budget
from usage_ledger.accounts.limits.topup import AutoTopup
from usage_ledger.timeline import END


class Limits(msgspec.Struct):
    """Budgets by id; the auto top-up, if one was ever configured."""

    budgets: dict[str, Budget] = {}
    topup: AutoTopup | None = None

    @property
    def next_due(self) -> int:
        """When a top-up's lease lapses, microseconds UTC (C6)."""
        return END if self.topup is None else self.topup.lease_until
