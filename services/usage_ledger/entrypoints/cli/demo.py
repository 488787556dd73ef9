"""`usage-ledger demo`: a real trace through real servers, and the proof of its totals."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import as_file
from pathlib import Path
from secrets import token_hex

import click
from rich.console import Console

from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console
from usage_ledger.entrypoints.cli.publish_screen import advancing
from usage_ledger.entrypoints.demo.answer import demo_answer
from usage_ledger.entrypoints.demo.performance import Outcome, perform, survey_of
from usage_ledger.entrypoints.demo.place import demo_place
from usage_ledger.entrypoints.demo.players import players_at
from usage_ledger.entrypoints.demo.proofs import proofs
from usage_ledger.entrypoints.demo.scene import Scene, scene, set_scene
from usage_ledger.entrypoints.demo.screen import show
from usage_ledger.gateway.service import RequestRefused
from usage_ledger.gateway.source_line import SourceInvalid
from usage_ledger.traces import AZURE_CODE_2023

_NEXT = """
What to try next
  usage-ledger up                   a ledger of your own; the README has a tour
  usage-ledger demo --trace F.csv   the same with your trace: one row a call, with
                                    TIMESTAMP, ContextTokens, GeneratedTokens
  usage-ledger publish --help       send your gateway's calls to a running ledger"""


@click.command()
@click.option("--trace", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Default: Azure's of 2023.")
@click.option("--workspaces", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
def demo(trace: Path | None, workspaces: int, as_json: bool) -> None:
    """Publish a trace through the whole ledger and prove that nothing was lost.

    Starts Postgres, Kafka and every process in a folder that is thrown away; or uses the ledger that --data or the
    settings name, under a tenant of its own. Calls are sent as if made now; a trace says neither who called nor which
    model answered, so workspaces and models take turns. The exit code is 1 if a proof does not hold.
    """
    console = progress_console(as_json=as_json)
    try:
        with _file(trace) as file:
            outcome = _play(file, scene(f"demo-{token_hex(4)}", workspaces), console)
    except (SourceInvalid, RequestRefused) as error:
        raise click.ClickException(str(error)) from error
    show(console, outcome)
    proven = all(proof.holds for proof in proofs(outcome))
    console.print(_NEXT if proven else "\nNot proven.", highlight=False, soft_wrap=True)
    if as_json:
        print_json(demo_answer(outcome))
    if not proven:
        raise AnswerIsNo


@contextmanager
def _file(trace: Path | None) -> Generator[Path]:
    """The file, which is read more than once."""
    if trace is None:
        with as_file(AZURE_CODE_2023) as file:
            yield file
    elif trace.is_file():
        yield trace
    else:
        raise click.BadParameter(f"{trace} is no file that can be read twice")


def _play(file: Path, cast: Scene, console: Console) -> Outcome:
    found = survey_of(file)
    status = console.status("Starting")
    with status, demo_place(status.update) as place:
        status.update("Opening accounts, publishing prices, registering workspaces")
        with players_at(place, cast.tenant) as players:
            set_scene(players.admin, cast, is_shared=place.is_shared)
            status.stop()
            with advancing(console, found.rows) as advance:
                outcome = perform(players, cast, file, found, advance)
            status.start()
        status.update("Stopping")
    return outcome
