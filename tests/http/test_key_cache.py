"""The cache of keys: at most five seconds, known and unknown ids alike, and never without bound (K2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from usage_ledger.entrypoints.http import key_cache
from usage_ledger.entrypoints.http.key_cache import KeyCache
from usage_ledger.keys.registered_key import RegisteredKey

KEY = RegisteredKey("k", "tenant", b"hash", frozenset(("read",)), "source")


class Register:
    """Counts what it is asked."""

    def __init__(self, *keys: RegisteredKey) -> None:
        self.keys = {key.key_id: key for key in keys}
        self.asked: list[str] = []

    async def find(self, key_id: str) -> RegisteredKey | None:
        self.asked.append(key_id)
        await asyncio.sleep(0)
        return self.keys.get(key_id)

    async def sources_of(self, tenant: str) -> Sequence[str]:
        return []


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("key_id", ["k", "unknown"])
def test_an_answer_is_kept_for_less_than_five_seconds(key_id):
    register, clock = Register(KEY), Clock()
    cache = KeyCache(register, clock)

    async def ask() -> None:
        await cache.find(key_id)
        clock.seconds = 4.9
        await cache.find(key_id)
        assert register.asked == [key_id]
        clock.seconds = 5.0
        await cache.find(key_id)
        assert register.asked == [key_id, key_id]

    asyncio.run(ask())


def test_a_key_that_was_revoked_meanwhile_is_seen_after_five_seconds():
    register, clock = Register(KEY), Clock()
    cache = KeyCache(register, clock)

    async def ask() -> None:
        await cache.find("k")
        register.keys.clear()
        clock.seconds = 5.0
        assert await cache.find("k") is None

    asyncio.run(ask())


def test_a_secret_that_does_not_fit_is_asked_for_anew_and_the_answer_is_kept():
    register = Register(KEY)
    cache = KeyCache(register, Clock())
    rotated = RegisteredKey("k", "tenant", b"new hash", frozenset(("read",)), "source")

    async def ask() -> None:
        await cache.find("k")
        register.keys["k"] = rotated
        assert await cache.find("k") == KEY
        assert await cache.find_anew("k") == rotated
        assert await cache.find("k") == rotated

    asyncio.run(ask())


def test_many_requests_at_once_ask_once():
    register = Register(KEY)
    cache = KeyCache(register, Clock())

    async def ask() -> None:
        found = await asyncio.gather(*(cache.find("k") for _ in range(10)))
        assert found == [KEY] * 10

    asyncio.run(ask())
    assert register.asked == ["k"]


def test_guessed_ids_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(key_cache, "MAX_KEYS", 3)
    register = Register(KEY)
    cache = KeyCache(register, Clock())

    async def ask() -> None:
        for number in range(10):
            await cache.find(f"guess-{number}")
        await cache.find("guess-0")

    asyncio.run(ask())
    assert register.asked.count("guess-0") == 2
    assert len(cache._kept) <= 3


def test_a_failure_is_not_remembered():
    register = Register(KEY)
    cache = KeyCache(register, Clock())

    async def fail(key_id: str) -> RegisteredKey | None:
        raise ConnectionError

    async def ask() -> None:
        working = register.find
        register.find = fail
        with pytest.raises(ConnectionError):
            await cache.find("k")
        register.find = working
        assert await cache.find("k") == KEY

    asyncio.run(ask())
