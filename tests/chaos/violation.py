"""What was promised and does not hold, with the evidence."""

from __future__ import annotations

from typing import NamedTuple


class Violation(NamedTuple):
    """``promise`` is a short name that stays the same; ``evidence`` names the places and the figures."""

    promise: str
    evidence: str
