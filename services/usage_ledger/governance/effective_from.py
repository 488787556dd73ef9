"""When a fact about governance counts from: now, or later; no command back-dates (billing-mode 2)."""

from __future__ import annotations

from typing import Final, Literal

from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal

FURTHEST_MICROS: Final = 3_653 * 86_400_000_000
"""Ten years. What is announced for later is a mistake in the units, or forgotten when it comes."""

Standing = Literal["in_force", "announced"]


def effective_from_of(asked: int | None, decision: Decision) -> int:
    """Microseconds UTC. Raises ``Refusal``: ``effective_from_in_past``, ``effective_from_too_far``."""
    now = decision.recorded_at
    if asked is None:
        return now
    if asked < now:
        raise Refusal("effective_from_in_past", "nothing is back-dated: leave it out for now, or name a later time")
    if asked > now + FURTHEST_MICROS:
        raise Refusal("effective_from_too_far", "at most ten years ahead")
    return asked


def standing_of(effective_from: int, decision: Decision) -> Standing:
    """Whether it counts already."""
    return "in_force" if effective_from <= decision.recorded_at else "announced"
