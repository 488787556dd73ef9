"""How near each account is to its rate limits, and each key to its circuit breaker: in this process's memory (L7, L8).

A restart forgets it, and every process counts for itself: a limit is held by each of them, not by all together.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final, TypeVar

import structlog

from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
from usage_ledger.refusals import Throttled
from usage_ledger.submission import Breaker

K = TypeVar("K")
V = TypeVar("V")

MAX_REMEMBERED: Final = 100_000
"""Accounts and keys. The one that was asked about longest ago is forgotten, which admits it once more."""

_SECOND: Final = 1_000_000

log = structlog.get_logger()


class RateLimiter:
    """Times are microseconds UTC."""

    def __init__(self) -> None:
        self._arrivals: OrderedDict[tuple[str, str, str], tuple[RateLimit, int]] = OrderedDict()
        self._circuits: OrderedDict[str, _Circuit] = OrderedDict()

    def admit(self, tenant: str, account_id: str, capability: str, limit: RateLimit, now: int) -> None:
        """Raises ``Throttled('rate_limited')``. A limit that was changed begins anew."""
        key = tenant, account_id, capability
        held, arrival = self._arrivals.get(key, (limit, None))
        arrival, wait_s = limit.admit(arrival if held == limit else None, now)
        if wait_s:
            raise Throttled("rate_limited", "too many calls of this kind; there is nothing wrong with them", wait_s)
        _remember(self._arrivals, key, (limit, arrival))

    def pass_breaker(self, breaker: Breaker, now: int) -> None:
        """Raises ``Throttled('circuit_open')``; the trip itself is told to operators once."""
        circuit = self._circuits.get(breaker.key_id) or _Circuit()
        _remember(self._circuits, breaker.key_id, circuit)
        if circuit.trips(breaker, now):
            log.warning("circuit_opened", key_id=breaker.key_id, requests=breaker.requests, open_s=breaker.open_s)
        if now < circuit.open_until:
            wait_s = -(-(circuit.open_until - now) // _SECOND)
            raise Throttled("circuit_open", "this key sent far too many requests; it rests for a while", wait_s)


class _Circuit:
    """The latest requests of one key, and until when it rests."""

    def __init__(self) -> None:
        self.open_until = 0
        self._requests: deque[int] = deque()

    def trips(self, breaker: Breaker, now: int) -> bool:
        """Count the request, unless the circuit is open; True when it is the one too many."""
        if now < self.open_until:
            return False
        requests = self._requests
        requests.append(now)
        while requests[0] <= now - breaker.within_s * _SECOND:
            requests.popleft()
        if len(requests) <= breaker.requests:
            return False
        requests.clear()
        self.open_until = now + breaker.open_s * _SECOND
        return True


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MAX_REMEMBERED:
        kept.popitem(last=False)
