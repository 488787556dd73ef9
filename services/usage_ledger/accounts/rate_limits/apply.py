"""What events about rate limits do to the account's state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.rate_limits.events import RateLimitSet
from usage_ledger.accounts.rate_limits.rate_limit import RateLimit

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def rate_limit_set(account: Account, event: RateLimitSet, _: int) -> None:
    if event.limit is None:
        account.rate_limits.pop(event.capability, None)
    else:
        account.rate_limits[event.capability] = RateLimit(event.limit, event.period_micros, event.burst)


RATE_LIMIT_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {RateLimitSet: rate_limit_set}
