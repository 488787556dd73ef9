"""The clock of a case: it stands until it is moved, and never goes back."""

from __future__ import annotations


class VirtualClock:
    """``now`` is microseconds UTC."""

    def __init__(self, instant: int) -> None:
        self._instant = instant

    def now(self) -> int:
        return self._instant

    def move_to(self, instant: int) -> None:
        """An instant that is past already changes nothing."""
        self._instant = max(self._instant, instant)
