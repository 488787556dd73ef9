"""What a case says is done: commands one after another, some of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Command(msgspec.Struct, frozen=True):
    """One command in the scenario's words. ``at`` is microseconds UTC; ``place`` says where in the case it stands.

    ``command_id`` is the file's own when ``is_named``, else made of the place: the same in every run.
    """

    name: str
    fields: Mapping[str, Any]
    command_id: str
    is_named: bool
    source: str
    at: int | None
    place: str


class Single(msgspec.Struct, frozen=True):
    """A step that is one command."""

    command: Command

    def commands(self) -> Iterator[Command]:
        yield self.command


class Repeated(msgspec.Struct, frozen=True):
    """One command many times, in order; its results are counted."""

    several: tuple[Command, ...]

    def commands(self) -> Iterator[Command]:
        yield from self.several


class Parallel(msgspec.Struct, frozen=True):
    """Commands at once: whatever order they come in, what is expected holds. Their results are counted."""

    several: tuple[Command, ...]

    def commands(self) -> Iterator[Command]:
        yield from self.several


Step = Single | Repeated | Parallel


class Case(msgspec.Struct, frozen=True):
    """``clock`` is microseconds UTC. ``fixtures`` and ``given`` must be accepted; ``then`` is what is judged."""

    case_id: str
    title: str
    rules: tuple[str, ...]
    clock: int
    fixtures: tuple[Step, ...]
    given: tuple[Step, ...]
    when: tuple[Step, ...]
    then: Mapping[str, Any]
    file: str
