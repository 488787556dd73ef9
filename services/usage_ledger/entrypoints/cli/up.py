"""`usage-ledger up`: the whole ledger on this machine, until interrupted."""

import signal
import time
from pathlib import Path
from typing import Never

import click
from rich.console import Console

from usage_ledger.embedded.data_folder import DataFolder, kept_folder, throw_away_folder
from usage_ledger.embedded.refused import ServerFailed
from usage_ledger.embedded.stack import Stack, StackOptions, running_ledger
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console
from usage_ledger.entrypoints.cli.up_screen import places, show
from usage_ledger.settings import Settings

_DEFAULTS = Settings.model_fields
_LOOK_S = 0.2


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps the data between runs."
)
@click.option("--throw-away", is_flag=True, help="Use a temporary folder and remove it at the end.")
@click.option(
    "--http-port",
    type=click.IntRange(0, 65_535),
    default=_DEFAULTS["http_port"].default,
    envvar="USAGE_LEDGER_HTTP_PORT",
    show_default=True,
    help="Port of the HTTP door; 0 = any free one.",
)
@json_option
@click.pass_context
def up(ctx: click.Context, data: Path | None, throw_away: bool, http_port: int, as_json: bool) -> None:
    """Run Postgres, Kafka and every process here until interrupted.

    Everything listens on 127.0.0.1 or on a Unix socket. Without options the data are kept in a folder of this user.
    """
    console = progress_console(as_json=as_json)
    folder = _folder(ctx, data, throw_away=throw_away)
    # SIGINT as well: a shell starts what it puts into the background with that one ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with console.status("Starting") as status, running_ledger(folder, _options(http_port), status.update) as stack:
            status.stop()
            show(stack, console)
            if as_json:
                print_json(places(stack))
            _watch(stack, console)
            status.update("Stopping")
            status.start()
    except KeyboardInterrupt:
        console.print("Interrupted; what was started is stopped.")


def _folder(ctx: click.Context, data: Path | None, *, throw_away: bool) -> DataFolder:
    """`usage-ledger --data DIR up` and `usage-ledger up --data DIR` mean the same."""
    data = data or (ctx.parent.params["data"] if ctx.parent else None)
    if throw_away and data is not None:
        raise click.UsageError("--throw-away and --data exclude each other")
    return throw_away_folder() if throw_away else kept_folder(data)


def _options(http_port: int) -> StackOptions:
    return StackOptions(
        http_port=http_port,
        kafka_port=9092,
        relay_metrics_port=_DEFAULTS["relay_metrics_port"].default,
        reactor_metrics_port=_DEFAULTS["reactor_metrics_port"].default,
        scheduler_metrics_port=_DEFAULTS["scheduler_metrics_port"].default,
        projector_metrics_port=_DEFAULTS["projector_metrics_port"].default,
    )


def _interrupt(_number: int, _frame: object) -> Never:
    raise KeyboardInterrupt


def _watch(stack: Stack, console: Console) -> None:
    """Returns when interrupted. Tells of processes that ended by themselves; the supervisor starts them again."""
    told = 0
    try:
        while stack.supervision.alive:
            exits = [event for event in stack.supervision.events() if event["event"] == "unit_exited"]
            for event in exits[told:]:
                console.print(f"{event['unit']} ended with code {event['code']} and is started again; see its log")
            told = len(exits)
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        return
    raise ServerFailed(f"the supervisor is gone; see {stack.supervision.log}")
