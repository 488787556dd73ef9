"""Looks through a trace before anything starts: what it adds up to, and how its tokens are spread over its time."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from usage_ledger.gateway.trace import TraceRow

_TO_THE_MINUTE: Final = len("2023-11-16 18:17")
_MINUTES_MAX: Final = 50_000


@dataclass(slots=True)
class Survey:
    """The input that the views are proved against. ``by_minute`` lacks calls whose time cannot be understood."""

    rows: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    by_minute: dict[datetime, int] = field(default_factory=dict[datetime, int])

    def add(self, row: TraceRow) -> None:
        """Takes in one call."""
        self.rows += 1
        self.input_tokens += row.context_tokens
        self.output_tokens += row.generated_tokens
        with suppress(ValueError):
            minute = datetime.fromisoformat(row.timestamp[:_TO_THE_MINUTE]).replace(tzinfo=None)
            if minute in self.by_minute or len(self.by_minute) < _MINUTES_MAX:
                tokens = row.context_tokens + row.generated_tokens
                self.by_minute[minute] = self.by_minute.get(minute, 0) + tokens

    def over_time(self, width: int) -> list[int]:
        """Tokens in equal stretches of time from the first minute to the last, at most ``width`` of them."""
        if not self.by_minute:
            return []
        first, last = min(self.by_minute), max(self.by_minute)
        span = (last - first) // timedelta(minutes=1) + 1
        stretches = [0] * min(width, span)
        for minute, tokens in self.by_minute.items():
            stretches[(minute - first) // timedelta(minutes=1) * len(stretches) // span] += tokens
        return stretches


def survey(rows: Iterable[TraceRow]) -> Survey:
    """One pass, in memory that grows with the minutes of the trace and not with its calls."""
    found = Survey()
    for row in rows:
        found.add(row)
    return found
