"""The part of an account's state that limits it, or keeps it from running dry."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.limits.budget import Budget
from usage_ledger.accounts.limits.topup import AutoTopup


class Limits(msgspec.Struct):
    """Budgets by id; the auto top-up, if one was ever configured."""

    budgets: dict[str, Budget] = {}
    topup: AutoTopup | None = None
