"""Where an account stands after something moved it: the members that the answers to such commands share."""

from __future__ import annotations

from typing import Protocol

import msgspec

from usage_ledger.money import format_amount


class MovedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The account after it, amounts as decimal text in its currency (C2, M3)."""

    account_id: str
    posted: str
    held: str
    available: str
    currency: str


class Moving(Protocol):
    """An event that says where it left its account. Amounts in nano-units."""

    @property
    def account_id(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def balance_after(self) -> int: ...
    @property
    def held_after(self) -> int: ...


def standing_after(event: Moving) -> dict[str, str]:
    """The fields of ``MovedAnswer``."""
    return {
        "account_id": event.account_id,
        "posted": format_amount(event.balance_after),
        "held": format_amount(event.held_after),
        "available": format_amount(event.balance_after - event.held_after),
        "currency": event.currency,
    }
