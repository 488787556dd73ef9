"""Source text of one function under construction, for the encoder and the decoder that are compiled from schemas.

What reaches it comes from the schema files of this package, and every name in them is a checked identifier.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager


class SourceText:
    """Statements at their depths, and the values that they name."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._variables = 0
        self._names: dict[str, object] = dict(names)

    def say(self, statement: str) -> None:
        self._lines.append("    " * self._depth + statement)

    @contextmanager
    def block(self, header: str) -> Generator[None]:
        """What is said inside stands indented below ``header``."""
        self.say(header)
        self._depth += 1
        yield
        self._depth -= 1

    def variable(self) -> str:
        """A name that nothing else in the function has."""
        self._variables += 1
        return f"v{self._variables}"

    def constant(self, value: object) -> str:
        """A name for a value that exists already."""
        name = f"N{len(self._names)}"
        self._names[name] = value
        return name

    def function(self, name: str) -> object:
        """The function that the text defines."""
        exec("\n".join(self._lines), self._names)  # noqa: S102 - see the module's docstring
        return self._names[name]
