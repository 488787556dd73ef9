"""The lot of kind ``adjustment`` that credit becomes which has no lot of its own to go to (C12, C17)."""

from __future__ import annotations

from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY, Lot


def adjustment_lot(lot: str, amount: int, remaining: int, recorded_at: int, version: int) -> Lot:
    """Nano-units and microseconds UTC. It never expires, and ``version`` is that of the event which brought it."""
    return Lot(
        lot=lot,
        kind="adjustment",
        amount=amount,
        remaining=remaining,
        priority=DEFAULT_PRIORITY,
        effective_at=recorded_at,
        expires_at=None,
        recorded_at=recorded_at,
        version=version,
    )
