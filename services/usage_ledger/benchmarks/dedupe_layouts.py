"""Candidate layouts of the table of attempts, the ledger's largest: one row per usage item, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, LiteralString, NamedTuple

from psycopg import sql

# Rows by number, with digests that Postgres makes, in the order of their keys.
_FILL: Final = sql.SQL("""
INSERT INTO study.attempts (key, content, shard, position)
SELECT {made}, {made}, number %% 4, number FROM generate_series(%s::int, %s::int) AS number ORDER BY 1
""")

# One batch by arrays, as the appender writes it.
_INSERT: Final = sql.SQL("""
INSERT INTO study.attempts (key, content, shard, position)
SELECT * FROM unnest(%b::{digest}[], %b::{digest}[], %b::int[], %b::bigint[])
""")

# Which keys of a batch are known, as the appender asks under its lock.
_LOOK_UP: Final = sql.SQL("SELECT key, content FROM study.attempts WHERE key = ANY(%b::{digest}[])")

_TABLE: Final = sql.SQL("""
CREATE TABLE study.attempts (
    key {digest} NOT NULL, content {digest} NOT NULL, shard integer NOT NULL, position bigint NOT NULL,
    PRIMARY KEY ({keys})
) {partitioning}
""")

_PART: Final = sql.SQL("CREATE TABLE {name} PARTITION OF study.attempts FOR VALUES {bounds}")

_BY_HASH: Final = sql.SQL("WITH (MODULUS {parts}, REMAINDER {part})")
_BY_RANGE: Final = sql.SQL("FROM ({begin}) TO ({end})")


class Layout(NamedTuple):
    """The type of the digests, the primary key, and the parts that the table is cut into."""

    digest: LiteralString
    keys: LiteralString = "key"
    partitioning: LiteralString = ""
    bounds: sql.SQL | None = None
    parts: int = 0

    def tables(self, capacity: int) -> Iterable[sql.Composed]:
        """Statements that make the table with its parts, for this many rows."""
        digest, keys, partitioning = map(sql.SQL, (self.digest, self.keys, self.partitioning))
        yield _TABLE.format(digest=digest, keys=keys, partitioning=partitioning)
        if self.bounds is None:
            return
        step = -(-capacity // self.parts)
        for part in range(self.parts):
            numbers = {"parts": self.parts, "part": part, "begin": part * step, "end": (part + 1) * step}
            bounds = self.bounds.format(**{name: sql.Literal(number) for name, number in numbers.items()})
            yield _PART.format(name=sql.Identifier("study", f"attempts_{part}"), bounds=bounds)

    def fill(self) -> sql.Composed:
        """Parameters: the first number and the last."""
        made = "md5(number::text)::uuid" if self.digest == "uuid" else "decode(md5(number::text), 'hex')"
        return _FILL.format(made=sql.SQL(made))

    def insert(self) -> sql.Composed:
        """Parameters: the columns as arrays."""
        return _INSERT.format(digest=sql.SQL(self.digest))

    def look_up(self) -> sql.Composed:
        """Parameter: the keys."""
        return _LOOK_UP.format(digest=sql.SQL(self.digest))


LAYOUTS: Final = {
    # One table, digests as byte strings.
    "bytea": Layout("bytea"),
    # Sixteen parts by hash of the key: smaller indexes, of which every batch still touches all. A look-up of many keys
    # asks every part for every key.
    "bytea_hash16": Layout("bytea", "key", "PARTITION BY HASH (key)", _BY_HASH, 16),
    # Sixteen bytes fit Postgres' uuid: fixed length, no header, compared without a collation.
    "uuid": Layout("uuid"),
    "uuid_hash16": Layout("uuid", "key", "PARTITION BY HASH (key)", _BY_HASH, 16),
    # New rows go to the youngest part only; a look-up asks all of them.
    "uuid_by_age": Layout("uuid", "key, position", "PARTITION BY RANGE (position)", _BY_RANGE, 5),
}
