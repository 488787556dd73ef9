"""What a key may do: the words, and how one scope covers another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

Scope = Literal["usage", "holds", "workspaces", "money", "read", "admin"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""usage: record it. holds: reserve credit. workspaces: register, model, mode, payer. money: accounts, credit.
read: every view. admin: prices, proxy, keys and other tenants; for keys of the platform only, and it implies the rest.
"""

ALL_TENANTS: Final = "*"
"""In a gateway key's list of tenants."""


def covers(held: Iterable[str], needed: Scope) -> bool:
    """Whether a key with the scopes ``held`` may do what needs ``needed``."""
    scopes = frozenset(held)
    return needed in scopes or "admin" in scopes
