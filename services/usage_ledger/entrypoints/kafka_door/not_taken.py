"""Why a record is not decided: with somebody who can be told, and without."""

from __future__ import annotations


class Unreadable(Exception):
    """It is not known whose command the record holds, so nobody can be told: it becomes a dead letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotTaken(Exception):
    """The frame could be read, so the sender is told. Nothing is stored under the command's id.

    ``pointer`` is a JSON pointer into the command. ``is_dead``: an operator has to see it as well, for the bytes are
    broken or the sender claims what its topic may not say.
    """

    def __init__(self, code: str, detail: str, pointer: str | None = None, *, is_dead: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.is_dead = is_dead


INTERNAL_ERROR = "internal_error"
"""An unexpected failure of ours. It is the same code in HTTP answers."""
