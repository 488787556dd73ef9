"""Which command of the ledger a command of a scenario becomes."""

from __future__ import annotations

from typing import Final

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
