"""The doors that usage is sent through: what the load needs of each."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol, Self

import msgspec

from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.http_connection import Answer, HttpConnection
from usage_ledger.benchmarks.usage_bodies import UsageBodies

_ACCEPTED: Final = b'"status":"accepted"'


class Ack(NamedTuple):
    """A batch that was answered. ``places`` are positions as the ledger writes them, ``<shard>-<number>``."""

    accepted: int
    places: list[str]


class Door(Protocol):
    """One client of the ledger: one batch at a time, under way until it is acknowledged."""

    async def send(self, first: int, *, wants_places: bool) -> Ack:
        """Send the batch that begins with this item. Reading ``places`` costs time. Raises BenchmarkFailed."""
        ...

    def close(self) -> None: ...


class _Positions(msgspec.Struct):
    position: str | None = None
    positions: list[str] = []


class HttpDoor:
    """``POST /v1/usage`` under a gateway's key. The acknowledgement is the response."""

    def __init__(self, connection: HttpConnection, bodies: UsageBodies) -> None:
        self._connection = connection
        self._bodies = bodies

    @classmethod
    async def open(cls, url: str, key: str, bodies: UsageBodies) -> Self:
        return cls(await HttpConnection.open(url, {"Authorization": f"Bearer {key}"}), bodies)

    async def send(self, first: int, *, wants_places: bool) -> Ack:
        answer = await self._connection.request("POST", "/v1/usage", self._bodies.body(first))
        if answer.status != 200:
            raise BenchmarkFailed(f"HTTP {answer.status}: {_excerpt(answer)}")
        accepted = answer.body.count(_ACCEPTED)
        if not accepted:
            raise BenchmarkFailed(f"HTTP door: {_excerpt(answer)}")
        return Ack(accepted, _places(answer) if wants_places else [])

    def close(self) -> None:
        self._connection.close()


def _excerpt(answer: Answer) -> str:
    return answer.body[:1_000].decode(errors="replace")


def _places(answer: Answer) -> list[str]:
    found = _positions.decode(answer.body)
    return found.positions or ([found.position] if found.position else [])


_positions: Final = msgspec.json.Decoder(_Positions)
