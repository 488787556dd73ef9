"""Refusals: answers by rule, recorded as outcomes and never mixed with failures.

Every code is stable and the same in HTTP answers, Kafka outcomes, events and logs (lower_snake_case).
"""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """A command was understood and is not done. ``facts`` are what the rule saw, as text."""

    def __init__(self, code: str, detail: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.facts = dict(facts or {})


class NotStored(Refusal):
    """Never stored under the command's id, so that the same command may be sent again (U2)."""


class Throttled(NotStored):
    """Too many calls: the same call may well be admitted in ``wait_s`` seconds (L7, L8)."""

    def __init__(self, code: str, detail: str, wait_s: int) -> None:
        super().__init__(code, detail, {"retry_after": str(wait_s)})


class VersionConflict(NotStored):
    """The caller expected another version."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(
            "version_conflict",
            f"version {expected} was expected, the stream is at {current}",
            {"current_version": str(current)},
        )


class InvalidInput(Exception):
    """The input itself is wrong: answered at once, never stored. ``pointer`` is a JSON pointer into the body."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.pointer = pointer
