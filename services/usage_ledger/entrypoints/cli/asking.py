"""What all commands share that ask a running service: where it is, whose key asks, and how an answer is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.output import answer_console, json_option, print_json
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.settings import load_settings
from usage_ledger_views.reading.page import MAX_LIMIT

Command = TypeVar("Command", bound=Callable[..., Any])
_QUERY: Final = ("wait_for", "limit", "after")

Show = Callable[[Mapping[str, Any], Console], None]

key_option = click.option("--key", required=True, envvar="USAGE_LEDGER_KEY", help="Service key.", show_envvar=True)
url_option = click.option("--url", help="Where the service answers. Default: what the settings say.")
tenant_option: Final = click.option("--tenant", help="Tenant that an admin's key acts for. Default: the key's own.")
_wait_for_option: Final = click.option("--wait-for", help="A write's position: wait until the views have reached it.")

_limit_option: Final = click.option("--limit", type=click.IntRange(1, MAX_LIMIT), help="Rows at most. Default: 50.")
_after_option: Final = click.option("--after", help="The `next` of the page before.")


def asks(command: Command) -> Command:
    """The options of every command that asks: ``--key``, ``--url``, ``--tenant``, ``--wait-for``, ``--json``."""
    for option in (json_option, _wait_for_option, tenant_option, url_option, key_option):
        command = option(command)
    return command


def asks_for_pages(command: Command) -> Command:
    """The options of ``asks``, with ``--limit`` and ``--after``."""
    return _limit_option(_after_option(asks(command)))


def answer(path: Sequence[str], query: Mapping[str, object | None], show: Show, asked: Mapping[str, Any]) -> None:
    """Ask, and show the answer to people or give it to a program as the service gave it.

    ``path`` is what follows ``/v1``, part by part; ``asked`` are the values of the options of ``asks``. Raises
    ClickException for what the service refuses, DependencyUnreachable.
    """
    whole = {**query, **{name: asked[name] for name in _QUERY if name in asked}}
    named = {name: str(value) for name, value in whole.items() if value is not None}
    try:
        with LedgerService(asked["url"] or configured_url(), asked["key"], tenant=asked["tenant"]) as service:
            found = service.read("/v1/" + "/".join(quote(part, safe="") for part in path), **named)
    except RequestRefused as refused:
        raise click.ClickException(str(refused)) from refused
    if asked["as_json"]:
        print_json(found)
    else:
        console = answer_console()
        show(found, console)
        _show_standing(found, console)


def configured_url() -> str:
    """Where the settings say that `serve` answers. Raises SettingsInvalid."""
    settings = load_settings()
    return f"http://{settings.http_host}:{settings.http_port}"


def _show_standing(found: Mapping[str, Any], console: Console) -> None:
    """Which history the answer reflects; whether something of it is missing; and how to go on."""
    as_of = found["as_of"]
    console.print(f"As of {as_of['recorded_at']}, position {as_of['position']}.", style="dim", highlight=False)
    if found.get("incomplete"):
        console.print("Incomplete: a stream is blocked; see `usage-ledger doctor`.", style="bold red")
    if found.get("next"):
        console.print(f"There is more: --after {found['next']}", style="dim", highlight=False)
