"""What became of what was published or activated: in force, announced for later, or superseded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal, NamedTuple

Standing = Literal["in_force", "announced", "superseded"]


class Announced(NamedTuple):
    """A fact that counts from ``effective_from`` (microseconds UTC) on, in the place of others of its ``kind``.

    ``position`` is its event's: of several facts for one instant the last one counts.
    """

    kind: Hashable
    effective_from: int
    position: int


def standings(facts: Iterable[Announced], at: int) -> dict[int, Standing]:
    """By position. A fact that was taken back before its time, by another for that time, is superseded."""
    ordered = sorted(facts, key=lambda fact: (fact.effective_from, fact.position))
    last_for_its_time = {(fact.kind, fact.effective_from): fact.position for fact in ordered}
    in_force = {fact.kind: fact.position for fact in ordered if fact.effective_from <= at}

    def standing(fact: Announced) -> Standing:
        if fact.effective_from <= at:
            return "in_force" if in_force[fact.kind] == fact.position else "superseded"
        is_last = last_for_its_time[fact.kind, fact.effective_from] == fact.position
        return "announced" if is_last else "superseded"

    return {fact.position: standing(fact) for fact in ordered}
