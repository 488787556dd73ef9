"""Publishes items in batches over a few connections, no faster than asked for."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from itertools import islice
from threading import Event, Lock
from typing import Final, NamedTuple

from usage_ledger.gateway.delivery import Delivery, Stopped
from usage_ledger.usage.item import UsageItem

CONNECTIONS: Final = 4
"""Enough to keep a service busy while answers travel; each sends one batch at a time."""

MAX_BATCH_ITEMS: Final = 1_000
"""The service takes no more in one request."""


class Pace(NamedTuple):
    """How much a request carries, and how many items a second are sent at most; None = as fast as they are taken."""

    batch_items: int = 100
    items_per_s: float | None = None


class _Batches:
    """Cuts items into batches, one at a time for whichever thread asks next, and not before their time."""

    def __init__(self, items: Iterable[UsageItem], pace: Pace, stop: Event) -> None:
        self._items = iter(items)
        self._pace = pace
        self._stop = stop
        self._lock = Lock()
        self._next_s = time.monotonic()

    def next(self) -> list[UsageItem]:
        """Empty at the end, and when everything is to stop."""
        with self._lock:
            if self._stop.wait(max(0.0, self._next_s - time.monotonic())):
                return []
            batch = list(islice(self._items, self._pace.batch_items))
            if self._pace.items_per_s:
                self._next_s = max(self._next_s, time.monotonic()) + len(batch) / self._pace.items_per_s
            return batch


def publish(
    items: Iterable[UsageItem],
    delivery: Delivery,
    pace: Pace,
    on_batch: Callable[[Sequence[UsageItem]], None] = lambda _: None,
) -> None:
    """Sends everything; when it returns, every item has a definite answer in the delivery's tally.

    Items are drawn as they are sent, one batch a connection. ``on_batch`` is told of each batch that is done, from any
    thread. Raises what ``Delivery.send`` and ``items`` raise; the other connections are then stopped.
    """
    batches = _Batches(items, pace, delivery.stop)
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="publish") as threads:
        sending = [threads.submit(_send_all, batches, delivery, on_batch) for _ in range(CONNECTIONS)]
        try:
            for connection in as_completed(sending):
                connection.result()
        except BaseException:
            delivery.stop.set()
            raise


def _send_all(batches: _Batches, delivery: Delivery, on_batch: Callable[[Sequence[UsageItem]], None]) -> None:
    with suppress(Stopped):
        while batch := batches.next():
            delivery.send(batch)
            on_batch(batch)
