"""The streams that a case may name: an account by its label, ``pricebook``, ``dividend:<id>``, ``key:<label>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.streams import PLATFORM, account_stream

_PRICE_BOOK: Final = "pricebook"
_PRICES: Final = (f"{PLATFORM}/price-", f"{PLATFORM}/pricing-policy-")
_OTHERS: Final = {"dividend": "/dividend-", "key": "/key-"}


def events_of(name: str, cast: Cast, events: Iterable[PastEvent]) -> Sequence[PastEvent]:
    """Those of the named stream, in their order."""
    belongs = _belonging_to(name, cast)
    found = [event for event in events if belongs(event.stream_id)]
    return sorted(found, key=lambda event: (event.shard, event.position))


def _belonging_to(name: str, cast: Cast) -> Callable[[str], bool]:
    kind, colon, of = name.partition(":")
    if name == _PRICE_BOOK:
        return lambda stream_id: stream_id.startswith(_PRICES)
    if colon and kind in _OTHERS:
        ending = f"{_OTHERS[kind]}{cast.key_id(of) if kind == 'key' else of}"
        return lambda stream_id: stream_id.endswith(ending)
    stream = account_stream(*cast.account(name))
    return lambda stream_id: stream_id == stream
