"""Who sends usage in a benchmark: tenants, their accounts, their workspaces, and how often each is met.

The same seed gives the same sequence everywhere, so that the ledger, the textbook ledger and the floor get one load.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

SEED: Final = 20_260_101
CYCLE: Final = 65_536
"""Length of the sequence of calls, which then begins again under new ids."""


class Place(NamedTuple):
    """A workspace and the account that pays for it; ``account`` counts from zero over all tenants."""

    tenant: str
    account_id: str
    workspace_id: str
    account: int


class Call(NamedTuple):
    """One call to a model, before it has an id."""

    place: Place
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Shape:
    """How usage spreads. ``zipf`` 0 meets all workspaces alike; 1 meets the n-th a n-th as often as the first."""

    name: str
    tenants: int
    accounts: int
    workspaces: int
    zipf: float

    def places(self) -> list[Place]:
        """Every workspace, in the order of its number."""
        return [self._place(number) for number in range(self.workspaces)]

    def calls(self, count: int = CYCLE, seed: int = SEED) -> list[Call]:
        """A sequence of calls."""
        chance = random.Random(seed)  # noqa: S311 - a load must be repeatable, not secret
        weights = accumulate(1 / rank**self.zipf for rank in range(1, self.workspaces + 1))
        chosen = chance.choices(self.places(), cum_weights=list(weights), k=count)
        return [Call(place, chance.randint(20, 8_000), chance.randint(1, 1_000)) for place in chosen]

    def _place(self, number: int) -> Place:
        account = number % self.accounts
        return Place(f"tenant-{account % self.tenants}", f"account-{account}", f"workspace-{number}", account)


NARROW: Final = Shape("narrow", tenants=4, accounts=8, workspaces=64, zipf=0.0)
WIDE: Final = Shape("wide", tenants=1_000, accounts=10_000, workspaces=10_000, zipf=1.0)
HOT: Final = Shape("hot", tenants=1, accounts=1, workspaces=8, zipf=0.0)

SHAPES: Final = {shape.name: shape for shape in (NARROW, WIDE, HOT)}
