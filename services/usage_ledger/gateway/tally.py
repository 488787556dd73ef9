"""What became of everything that was sent, added up while it is sent. Memory grows with batches, not with items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from typing import Final, Literal

import msgspec

from usage_ledger.money import parse_amount
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.item_counts import item_counts

Status = Literal["accepted", "duplicate", "conflict", "quarantined", "rejected"]
"""A definite answer. ``unavailable`` is none: such an item is sent again."""

UNREADABLE_SHOWN: Final = 10


class ItemAnswer(msgspec.Struct, gc=False):
    """What the service said of one item; the members that a publisher looks at."""

    id: str
    status: Status | Literal["unavailable"]
    code: str | None = None
    charged: str | None = None


@dataclass(slots=True)
class Tally:
    """Counts by status; tokens and money (nano-units) of accepted items only; a time in ms for each batch."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    quarantined: int = 0
    rejected: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    charged: int = 0
    retries: int = 0
    codes: Counter[str] = field(default_factory=Counter[str])
    ack_ms: list[float] = field(default_factory=list[float])
    unreadable: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def items(self) -> int:
        """All with a definite answer."""
        return self.accepted + self.duplicates + self.conflicts + self.quarantined + self.rejected

    def add(self, answered: Iterable[tuple[UsageItem, ItemAnswer]]) -> None:
        """Takes in definite answers; from any thread."""
        with self._lock:
            for item, answer in answered:
                self._count(answer.status)
                if answer.status == "accepted":
                    self._add_accepted(item, answer)
                elif answer.code is not None:
                    self.codes[answer.code] += 1

    def add_unreadable(self, line_number: int, detail: str) -> None:
        """Takes in a line that is no item; the first few are kept to be shown."""
        with self._lock:
            self.rejected += 1
            self.codes["unreadable_line"] += 1
            if len(self.unreadable) < UNREADABLE_SHOWN:
                self.unreadable.append((line_number, detail))

    def add_time(self, ack_ms: float) -> None:
        """Takes in how long a batch waited for its answer, retries included; from any thread."""
        with self._lock:
            self.ack_ms.append(ack_ms)

    def add_retry(self) -> None:
        """Takes in that something had to be sent again; from any thread."""
        with self._lock:
            self.retries += 1

    def _count(self, status: str) -> None:
        match status:
            case "accepted":
                self.accepted += 1
            case "duplicate":
                self.duplicates += 1
            case "conflict":
                self.conflicts += 1
            case "quarantined":
                self.quarantined += 1
            case _:
                self.rejected += 1

    def _add_accepted(self, item: UsageItem, answer: ItemAnswer) -> None:
        counts = item_counts(item)
        if not isinstance(counts, str):
            self.input_tokens += counts.input
            self.output_tokens += counts.output
        if answer.charged is not None:
            self.charged += parse_amount(answer.charged)


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that ``percent`` of all do not exceed (nearest rank); 0 without values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]
