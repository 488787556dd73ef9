"""What the store says when it is read from the first event on: its own figures, made without any code of the ledger.

Whatever cannot be is noted as a violation while it is read: a hole, a broken chain, an attempt twice, a wrong balance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b, sha256
from itertools import starmap
from typing import Any, NamedTuple

from chaos.record import Key
from chaos.stored_event import StoredEvent
from chaos.violation import Violation

NO_LEAF = bytes(32)
CREDITS, OVERDRAFT = 2000, 1300


class Line(NamedTuple):
    """A usage item that was booked. ``charged`` is nano-units."""

    place: str
    account_id: str | None
    workspace_id: str
    model: str
    input_tokens: int
    output_tokens: int
    charged: int


class Published(NamedTuple):
    """What the topic must hold at a position."""

    stream_id: str
    version: int
    leaf: bytes
    value: bytes


class _Stream:
    __slots__ = ("leaf", "version")

    def __init__(self) -> None:
        self.version, self.leaf = 0, NO_LEAF


class Account:
    """Folded from the entries of its events; nano-units."""

    __slots__ = ("balance", "entries", "last")

    def __init__(self) -> None:
        self.balance, self.entries, self.last = 0, 0, 0


class History:
    """Grows by ``take``, events of each shard in the order of their positions."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.last: Counter[int] = Counter()
        self.recorded_at: Counter[int] = Counter()
        self.published: dict[int, list[Published]] = {}
        self.streams: dict[str, _Stream] = {}
        self.accounts: dict[Key, Account] = {}
        self.lines: dict[Key, Line] = {}
        self.waiting: dict[Key, str] = {}
        self.rated: dict[Key, str] = {}
        self.claims: dict[bytes, str] = {}
        self.payments: dict[Key, tuple[str, int]] = {}
        self.commands: dict[bytes, tuple[bytes, set[str]]] = {}
        self.trial_balance = 0

    def take(self, event: StoredEvent) -> None:
        self._take_place(event)
        self._take_version(event)
        name, record = event.decoded()
        self._take_command(event, record)
        self._take_entries(event, record)
        if name == "UsageRecorded":
            self._take_lines(event, record)
        elif name == "SuspendedUsageRated":
            self._take_rated(event, record)
        elif name == "UsageQuarantined":
            self._take_quarantined(event, record)
        elif name == "PurchaseRecorded":
            self._take_payment(event, record)

    def differs(self, promise: str, evidence: str) -> None:
        self.violations.append(Violation(promise, evidence))

    def _take_place(self, event: StoredEvent) -> None:
        if event.position != self.last[event.shard] + 1:
            self.differs("positions have no hole", f"{event.place} comes after {event.shard}-{self.last[event.shard]}")
        if event.recorded_at < self.recorded_at[event.shard]:
            self.differs("recorded_at never goes back", f"{event.place} was recorded before its predecessor")
        self.last[event.shard] = event.position
        self.recorded_at[event.shard] = event.recorded_at
        value = b"\xc3\x01" + event.fingerprint + event.body
        self.published.setdefault(event.shard, []).append(
            Published(event.stream_id, event.stream_version, event.leaf, short(value))
        )

    def _take_version(self, event: StoredEvent) -> None:
        stream = self.streams.setdefault(event.stream_id, _Stream())
        if event.stream_version != stream.version + 1:
            versions = f"version {event.stream_version} comes after {stream.version}"
            self.differs("versions have no hole", f"{event.stream_id} at {event.place}: {versions}")
        if event.prev_leaf != stream.leaf or event.leaf != _leaf(event):
            self.differs("leaves are a chain", f"{event.stream_id} at {event.place}")
        stream.version, stream.leaf = event.stream_version, event.leaf

    def _take_command(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        if record["request_hash"] is not None:
            digest = _digest(record["tenant"], record["source"], record["command_id"])
            _, places = self.commands.setdefault(digest, (record["request_hash"], set()))
            places.add(event.place)

    def _take_entries(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        """Every entry balances, and the balance that the event tells is the one that its entries lead to."""
        if not record.get("entries"):
            return
        lines = [line for entry in record["entries"] for line in entry["lines"]]
        for entry in record["entries"]:
            difference = sum(starmap(_signed, _sides(entry["lines"])))
            self.trial_balance += difference
            if difference:
                self.differs("debits equal credits", f"{event.place} is off by {difference}")
        account = self.accounts.setdefault((record["tenant"], record["account_id"]), Account())
        account.balance -= sum(starmap(_signed, _sides(lines, {CREDITS, OVERDRAFT})))
        account.entries += 1
        account.last = event.position
        if record["balance_after"] not in (None, account.balance):
            told = f"tells {record['balance_after']}, its stream comes to {account.balance}"
            self.differs("balances follow from entries", f"{event.stream_id} at {event.place} {told}")

    def _take_lines(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        for key, source, line in _lines(event, record):
            self._take_line(key, source, line)
        self._take_sum(event, record)

    def _take_rated(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        """Lines that stood unpriced, and now are as they would have been."""
        for key, source, line in _lines(event, record):
            before = self.lines.get(key)
            if before is None or before._replace(place=line.place, charged=line.charged) != line:
                self.differs("what is rated was booked before", f"{key} at {event.place}: {before}")
            elif before.charged or key in self.rated:
                self.differs("a line is rated once", f"{key} at {before.place} and at {event.place}")
            self.rated[key] = event.place
            self.lines[key] = line
            self.claims[_digest(key[0], source, key[1])] = event.place
        self._take_sum(event, record)

    def _take_sum(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        if record["charged"] != sum(each["charged"] for each in record["lines"]):
            self.differs("an event's charge is its lines'", event.place)

    def _take_line(self, key: Key, source: str, line: Line) -> None:
        known = self.lines.setdefault(key, line)
        if known is not line:
            self.differs("an attempt is booked once", f"{key} at {known.place} and at {line.place}")
        # Whoever waited is from now on held by the event that booked it.
        self.claims[_digest(key[0], source, key[1])] = line.place

    def _take_quarantined(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        for item in record["items"]:
            key = record["tenant"], item["attempt_id"]
            if item["disposition"] != "waiting":
                self.differs("nothing of the load is rejected", f"{key} at {event.place}: {item['reason']}")
                continue
            if key in self.waiting or key in self.lines:
                known = self.waiting.get(key) or self.lines[key].place
                self.differs("an attempt waits once", f"{key} at {known} and at {event.place}")
            self.waiting.setdefault(key, event.place)
            self.claims.setdefault(_digest(key[0], item["source"], key[1]), event.place)

    def _take_payment(self, event: StoredEvent, record: Mapping[str, Any]) -> None:
        key = record["tenant"], record["payment_ref"]
        if key in self.payments:
            self.differs("a payment counts once", f"{key} again at {event.place}")
        self.payments[key] = record["account_id"], record["amount"]


def _lines(event: StoredEvent, record: Mapping[str, Any]) -> Iterable[tuple[Key, str, Line]]:
    """Each line of an event with its attempt and the source that sent it."""
    for each in record["lines"]:
        line = Line(
            event.place,
            record["account_id"],
            record["decisions"][each["decision"]]["workspace_id"],
            record["prices"][each["price"]]["model"],
            each["input"] + each["cache_read"],
            each["output"],
            each["charged"],
        )
        source = (each["detail"] or {}).get("source") or record["source"]
        yield (record["tenant"], each["attempt_id"]), source, line


def _sides(lines: Iterable[Mapping[str, Any]], codes: set[int] | None = None) -> list[tuple[str, int]]:
    return [(line["side"], line["amount"]) for line in lines if codes is None or line["code"] in codes]


def _signed(side: str, amount: int) -> int:
    """Debits above zero, credits below."""
    return amount if side == "debit" else -amount


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def short(value: bytes) -> bytes:
    """Enough to see whether the topic has the very bytes; a whole campaign's events need not stay in memory."""
    return blake2b(value, digest_size=16).digest()


def _leaf(event: StoredEvent) -> bytes:
    stream = event.stream_id.encode()
    place = b"".join(
        (
            b"\0",
            event.shard.to_bytes(4, "big"),
            event.position.to_bytes(8, "big"),
            event.stream_version.to_bytes(8, "big"),
            len(stream).to_bytes(2, "big"),
        )
    )
    return sha256(b"".join((place, stream, event.fingerprint, event.prev_leaf, event.body))).digest()
