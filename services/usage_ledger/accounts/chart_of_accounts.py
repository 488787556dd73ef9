"""Which codes a journal line may carry, and which of them only certain entries may move (A6)."""

from __future__ import annotations

from typing import Final

CASH: Final = 1000
PAYMENT_CLEARING: Final = 1010
UNBILLED: Final = 1200
OVERDRAFT: Final = 1300
SUSPENSE: Final = 1900
CREDITS: Final = 2000
SUSPENSE_COUNTERPART: Final = 2900
TRANSFER_CLEARING: Final = 2950
EXPIRED_CREDITS: Final = 4060
INTERNAL_RECHARGE: Final = 4900
CORRECTIONS: Final = 5070
INTERNAL_USAGE: Final = 5200
BAD_DEBTS: Final = 5300

USAGE_REVENUE: Final = {"chat": 4010, "embeddings": 4011, "image": 4012, "audio": 4013}
"""Revenue code by capability; any other capability earns ``OTHER_USAGE_REVENUE``."""

OTHER_USAGE_REVENUE: Final = 4019

FEE_REVENUE: Final = {"subscription": 4020, "storage": 4030, "other": 4040}
"""Revenue code by fee (C15)."""

GRANT_SOURCES: Final = {
    "signup": 5000,
    "admin": 5010,
    "promo": 5020,
    "referral": 5030,
    "affiliate": 5040,
    "bounty": 5050,
    "dividend": 5060,
    "allowance": 5080,
    "goodwill": 4800,
}
"""The code that pays for a grant, by kind. Its keys are the promotional kinds of C1."""

CHART_OF_ACCOUNTS: Final = frozenset(
    {CASH, PAYMENT_CLEARING, 1100, UNBILLED, OVERDRAFT, SUSPENSE}
    | {CREDITS, SUSPENSE_COUNTERPART, TRANSFER_CLEARING, 3000}
    | {*USAGE_REVENUE.values(), OTHER_USAGE_REVENUE, *FEE_REVENUE.values(), EXPIRED_CREDITS, 4800, INTERNAL_RECHARGE}
    | {*GRANT_SOURCES.values(), CORRECTIONS, INTERNAL_USAGE, BAD_DEBTS}
)
"""Every code there is."""

CONTROL_ACCOUNTS: Final = frozenset((UNBILLED, OVERDRAFT, SUSPENSE, CREDITS, SUSPENSE_COUNTERPART, TRANSFER_CLEARING))
"""Codes that move only through their own commands."""

CONTROL_ACCOUNTS_BY_ENTRY_TYPE: Final = {
    "purchase": frozenset((OVERDRAFT, CREDITS)),
    "grant": frozenset((OVERDRAFT, CREDITS)),
    "expiry": frozenset((CREDITS,)),
    "rollover": frozenset((CREDITS,)),
    "usage": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "fee": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "refund": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "dispute_opened": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "dispute_won": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "transfer_out": frozenset((CREDITS, TRANSFER_CLEARING)),
    "transfer_in": frozenset((CREDITS, OVERDRAFT, TRANSFER_CLEARING)),
    "adjustment": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "write_off": frozenset((OVERDRAFT,)),
    "correction": frozenset((CREDITS, OVERDRAFT, UNBILLED)),
    "suspense_opened": frozenset((SUSPENSE, SUSPENSE_COUNTERPART)),
    "suspense_closed": frozenset((SUSPENSE, SUSPENSE_COUNTERPART)),
}
"""The control accounts that an entry of a type may move. Any other type is a manual entry and moves none (J4)."""
