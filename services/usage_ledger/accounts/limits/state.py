"""The part of an account's state that limits it."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.limits.budget import Budget


class Limits(msgspec.Struct):
    """Budgets by id."""

    budgets: dict[str, Budget] = {}
