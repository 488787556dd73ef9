"""What is wrong with a file, and where: its line, then the case, the step and the field, as far as it was read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


class ScenarioInvalid(Exception):
    """The input is wrong, so nothing was played. The text names file, line, case, step and field."""


class Misfit(Exception):
    """A value that does not fit, on a line that counts from 1. Whoever reads around it adds where it stands."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.words: list[str] = []

    def told(self, file: str) -> str:
        place = ", ".join(self.words)
        return f"{file}:{self.line}: {place}: {self.reason}" if place else f"{file}:{self.line}: {self.reason}"


@contextmanager
def within(word: str) -> Generator[None]:
    """What does not fit inside the block stands at ``word``: a case, a step, a field."""
    try:
        yield
    except Misfit as misfit:
        misfit.words.insert(0, word)
        raise
