"""The `--json` convention: whatever else a command prints, the last line on stdout is then one JSON object."""

import json
from collections.abc import Mapping
from typing import Final

import click
from rich.console import Console

_FILE_WIDTH: Final = 160

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line of stdout.")


def progress_console(*, as_json: bool) -> Console:
    """Where people are told what goes on; beside the answer, not in its way, when a program reads stdout."""
    return Console(stderr=as_json)


def answer_console() -> Console:
    """For answers: as wide as the terminal, and wide where there is none, so that a row stays one line in a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)


def print_json(answer: Mapping[str, object]) -> None:
    """The answer on one line. Money in it is decimal text already, so nothing here can round it."""
    click.echo(json.dumps(answer, separators=(",", ":")))
