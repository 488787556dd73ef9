"""SetRateLimit, and what it does to the account's state (L7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.standing import require_not_closed
from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.accounts.rate_limits.events import RateLimitSet
from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream

if TYPE_CHECKING:
    from usage_ledger.deciding import Decision

RATE_LIMITS_MAX: Final = 100
"""Capabilities of one account: each is part of its state, whatever is asked of it."""

_SECOND = 1_000_000


class RateLimitAnswer(msgspec.Struct, frozen=True):
    """The rate limit as it is now; ``limit`` None: there is none."""

    account_id: str
    capability: str
    limit: int | None
    per_seconds: int
    burst: int


def set_rate_limit(command: SetRateLimit, decision: Decision) -> RateLimitAnswer:
    """Set it from now on; what holds already is accepted without an event.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``too_many_rate_limits``.
    """
    account = current_account(decision, command.account_id)
    require_not_closed(account)
    burst = command.burst or command.limit or 0
    capability, period_micros = command.capability, command.per_seconds * _SECOND
    told = None if command.limit is None else RateLimit(command.limit, period_micros, burst)
    if told != account.rate_limits.get(capability):
        _require_room(account, capability)
        changed = RateLimitSet(account.account_id, capability, command.limit, period_micros, burst)
        decision.record(account_stream(decision.tenant, account.account_id), changed)
    return RateLimitAnswer(account.account_id, capability, command.limit, command.per_seconds, burst)


def _require_room(account: Account, capability: str) -> None:
    if capability not in account.rate_limits and len(account.rate_limits) >= RATE_LIMITS_MAX:
        raise Refusal("too_many_rate_limits", f"an account has rate limits for at most {RATE_LIMITS_MAX} capabilities")
