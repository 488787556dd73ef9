"""What one check found."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "failure", "unreachable"]


class Finding(msgspec.Struct, frozen=True):
    """``found`` and ``mend`` are for people and hold no secret. A warning works, for now; a failure does not.

    ``unreachable``: nobody answered, so nothing is known.
    """

    check: str
    level: Level
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, "ok", found)


def warning(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "warning", found, mend)


def failure(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "failure", found, mend)


def unreachable(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "unreachable", found, mend)
