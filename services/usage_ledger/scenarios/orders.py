"""The orders in which parallel commands are tried: all of them while they are few, else some that chance chose once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, permutations, product
from math import factorial, prod
from random import Random
from typing import Final

from usage_ledger.scenarios.steps import Case, Parallel

FEW: Final = 4
SAMPLES: Final = 20
_SEED: Final = 1
_ALL_MAX: Final = factorial(FEW)

Order = tuple[int, ...]
Orders = tuple[Order, ...]
"""One order for each parallel step of a case, in their order."""


def orders_of(case: Case) -> Iterator[Orders]:
    """At least one; of a case without parallel steps the empty one."""
    sizes = [len(step.several) for step in (*case.given, *case.when) if isinstance(step, Parallel)]
    if all(size <= FEW for size in sizes) and prod(map(factorial, sizes)) <= _ALL_MAX:
        yield from product(*(tuple(permutations(range(size))) for size in sizes))
        return
    yield from islice(_different(_shuffled(sizes)), SAMPLES)


def _shuffled(sizes: Iterable[int]) -> Iterator[Orders]:
    """The order of the file first, then seeded ones without end."""
    several = [range(size) for size in sizes]
    yield tuple(tuple(each) for each in several)
    chance = Random(_SEED)  # noqa: S311 - nothing is kept secret by it, and it must repeat
    while True:
        yield tuple(tuple(chance.sample(each, len(each))) for each in several)


def _different(orders: Iterable[Orders]) -> Iterator[Orders]:
    met: set[Orders] = set()
    for each in orders:
        if each not in met:
            met.add(each)
            yield each
