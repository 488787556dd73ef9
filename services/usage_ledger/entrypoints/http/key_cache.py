"""Remembers keys, and that ids are unknown, for at most five seconds: so long a revoked key may still be taken (K2)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from usage_ledger.adapters.postgres.key_register import KeyRegister
from usage_ledger.keys.registered_key import RegisteredKey

MAX_AGE_S: Final = 5.0
MAX_KEYS: Final = 10_000
"""Ids that nobody issued are remembered as well, so guessing must not fill the memory."""


class KeyCache:
    """Lives on one event loop. ``monotonic`` gives seconds."""

    def __init__(self, register: KeyRegister, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._register = register
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, RegisteredKey | None]] = OrderedDict()
        self._asked: dict[str, asyncio.Task[RegisteredKey | None]] = {}

    async def find(self, key_id: str) -> RegisteredKey | None:
        kept = self._kept.get(key_id)
        if kept is not None and self._monotonic() < kept[0]:
            return kept[1]
        return await self._ask(key_id)

    async def find_anew(self, key_id: str) -> RegisteredKey | None:
        """Asked of the register now, whatever is remembered: for a secret that may be newer than what is known here."""
        return await self._load(key_id)

    def forget(self, key_id: str) -> None:
        """After this process rotated or revoked the key, it need not wait for the five seconds."""
        self._kept.pop(key_id, None)

    async def _ask(self, key_id: str) -> RegisteredKey | None:
        """One question at a time for a key, however many requests came with it when it had to be asked again."""
        task = self._asked.get(key_id)
        if task is None:
            task = self._asked[key_id] = asyncio.create_task(self._load(key_id))
            task.add_done_callback(lambda _: self._asked.pop(key_id, None))
        # Shielded: the client that asked first may leave while others wait for the same answer.
        return await asyncio.shield(task)

    async def _load(self, key_id: str) -> RegisteredKey | None:
        # Counted from before the question: a revocation that commits while it runs is then seen in time as well.
        until = self._monotonic() + MAX_AGE_S
        key = await self._register.find(key_id)
        self._kept[key_id] = (until, key)
        self._kept.move_to_end(key_id)
        if len(self._kept) > MAX_KEYS:
            self._kept.popitem(last=False)
        return key
