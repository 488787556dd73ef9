"""One HTTP/1.1 connection that costs next to nothing, so that what is measured is the ledger and not its client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024


class Answer(NamedTuple):
    """A response. The service always sends a length."""

    status: int
    body: bytes


class HttpConnection:
    """Kept alive; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._head = head

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str]) -> Self:
        """Connects. ``headers`` go with every request. Raises OSError."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=_MAX_ANSWER_BYTES)
        lines = {"Host": place.netloc, "Content-Type": "application/json", **headers}
        head = "".join(f"\r\n{name}: {value}" for name, value in lines.items())
        return cls(reader, writer, head.encode())

    async def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises OSError or asyncio.IncompleteReadError when the connection breaks."""
        more = "".join(f"\r\n{name}: {value}" for name, value in (headers or {}).items())
        start = f"{method} {path} HTTP/1.1".encode()
        self._writer.write(
            b"%b%b%b\r\nContent-Length: %d\r\n\r\n%b" % (start, self._head, more.encode(), len(body), body)
        )
        head = await self._reader.readuntil(_HEAD_END)
        return Answer(int(head[9:12]), await self._reader.readexactly(_length(head)))

    def close(self) -> None:
        self._writer.close()


def _length(head: bytes) -> int:
    at = head.lower().index(_LENGTH) + len(_LENGTH)
    return int(head[at : head.index(b"\r", at)])
