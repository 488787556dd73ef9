"""A migration is known by its whole name and runs once; its number says when. So no two may have the same number."""

from __future__ import annotations

from collections import Counter

import pytest

from usage_ledger.adapters.postgres.migrate import migration_names as ledger_migrations
from usage_ledger_views.migrations import migration_names as views_migrations

TWICE = {"0008"}
"""Two that do not touch each other. Databases know both by their names, under which they must stay."""


@pytest.mark.parametrize(("names", "twice"), [(ledger_migrations(), TWICE), (views_migrations(), set())])
def test_no_further_number_is_given_twice(names: list[str], twice: set[str]) -> None:
    numbers = Counter(name.partition("_")[0] for name in names)
    assert {number for number, count in numbers.items() if count > 1} == twice
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)], "and none is left out"
