"""A click group that imports a command when it is used, so that `keys` never waits for the HTTP stack to load."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

import click


class Command(NamedTuple):
    """Where a command lives, as `module:attribute`, and the line that `--help` shows without importing it."""

    target: str
    summary: str


class LazyGroup(click.Group):
    """Knows its commands by name, place and summary."""

    def __init__(self, *, commands_by_name: Mapping[str, Command], **options: Any) -> None:
        super().__init__(**options)
        self._by_name = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which the table has them."""
        return list(self._by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command; None if there is no such name."""
        command = self._by_name.get(cmd_name)
        if command is None:
            return None
        module, _, attribute = command.target.partition(":")
        return cast("click.Command", getattr(import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in self._by_name.items()])
