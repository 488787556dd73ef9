"""Dead letters in Postgres: records that the Kafka door could not take, kept once each, and read by operators.

What a letter holds is nobody's text: it is neither logged nor shown unless an admin asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import AsyncConnection, Connection

HEAD_BYTES: Final = 4_096
"""How much of a record is kept. Its digest and its place say which record it was."""

_CONNECT_TIMEOUT_S: Final = 3
_STATEMENT_TIMEOUT_MS: Final = 30_000

# A record that is delivered again is the same letter.
_INSERT: Final = """
INSERT INTO ledger.dead_letters (topic, partition, "offset", digest, reason, size, head, received_at)
SELECT * FROM unnest(%b::text[], %b::int[], %b::bigint[], %b::bytea[], %b::text[], %b::bigint[], %b::bytea[],
                     %b::bigint[])
    ON CONFLICT DO NOTHING
"""

# Newest first, from before the last letter of the page that was read already.
_SELECT: Final = """
SELECT letter, topic, partition, "offset", digest, reason, size, head, received_at
  FROM ledger.dead_letters WHERE letter < %b ORDER BY letter DESC LIMIT %b
"""


class DeadLetter(NamedTuple):
    """A record that was not taken. ``size`` counts the bytes of its value; ``received_at`` is microseconds UTC."""

    topic: str
    partition: int
    offset: int
    digest: bytes
    reason: str
    size: int
    head: bytes
    received_at: int


class KeptLetter(NamedTuple):
    """A dead letter and its number, by which later letters are told from earlier ones."""

    letter: int
    content: DeadLetter


class DeadLetters:
    """Keeps letters with the appender's role, over a connection of its own. Not thread-safe."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection[Any] | None = None

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Returns once they are durable. Raises psycopg.OperationalError, psycopg.InterfaceError."""
        if not letters:
            return
        columns = [list(column) for column in zip(*letters, strict=True)]
        try:
            self._connected().execute(_INSERT, columns)
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _connected(self) -> Connection[Any]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._dsn,
                autocommit=True,
                connect_timeout=_CONNECT_TIMEOUT_S,
                application_name="usage-ledger dead letters",
                options=f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
            )
        return self._connection


def dead_letter(topic: str, partition: int, offset: int, value: bytes, reason: str, received_at: int) -> DeadLetter:
    """The letter of a record, whose value may be of any size."""
    digest = sha256(value).digest()
    return DeadLetter(topic, partition, offset, digest, reason, len(value), value[:HEAD_BYTES], received_at)


async def list_dead_letters(connection: AsyncConnection[Any], before: int, limit: int) -> list[KeptLetter]:
    """Newest first, those that came before the letter with the number ``before``."""
    rows = await (await connection.execute(_SELECT, (before, limit))).fetchall()
    return [_kept(*row) for row in rows]


def _kept(
    letter: int,
    topic: str,
    partition: int,
    offset: int,
    digest: bytes,
    reason: str,
    size: int,
    head: bytes,
    received_at: int,
) -> KeptLetter:
    return KeptLetter(
        letter, DeadLetter(topic, partition, offset, bytes(digest), reason, size, bytes(head), received_at)
    )
