"""Which command of the ledger a command of a scenario becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.steps import Case
from usage_ledger.scenarios.translating import accounts, corrections, holds, keys, limits, money, prices, usage
from usage_ledger.scenarios.translating.asked import Translation

TRANSLATIONS: Final[dict[str, Translation]] = {
    **accounts.TRANSLATIONS,
    **corrections.TRANSLATIONS,
    **holds.TRANSLATIONS,
    **keys.TRANSLATIONS,
    **limits.TRANSLATIONS,
    **money.TRANSLATIONS,
    **prices.TRANSLATIONS,
    **usage.TRANSLATIONS,
}

PLAYED: Final = frozenset(("AdvanceClock", "TamperLine"))
"""Words that are done to the ledger and are no command of it."""


def require_known(cases: Iterable[Case]) -> None:
    """Raises ScenarioInvalid for a command that this ledger does not have."""
    for case in cases:
        for step in (*case.fixtures, *case.given, *case.when):
            for command in step.commands():
                if command.name not in TRANSLATIONS.keys() | PLAYED:
                    where = f"{case.file}: case {case.case_id}, {command.place}"
                    raise ScenarioInvalid(f"{where}: this ledger has no command {command.name} yet")
