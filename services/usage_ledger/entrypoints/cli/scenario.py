"""`usage-ledger scenario run FILE…`: rehearses cases under a virtual clock, in memory or on a throw-away database."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
import msgspec
import psycopg
from rich.console import Console

from usage_ledger.appender import LedgerUnavailable
from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console
from usage_ledger.entrypoints.cli.scenario_screen import failure_of, show_totals, show_verdict
from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.running import AnyCase, Verdict, run_case
from usage_ledger.scenarios.worlds.memory import memory_world
from usage_ledger.scenarios.worlds.world import Place
from usage_ledger.store import StoreUnavailable
from usage_ledger.unreachable import DependencyUnreachable

StoreName = Literal["memory", "postgres"]


@click.group()
def scenario() -> None:
    """Rehearse what would happen, before it costs money."""


@scenario.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--store",
    type=click.Choice(["memory", "postgres"]),
    default="memory",
    show_default=True,
    help="postgres: a throw-away database, on the server that the settings name or on one of its own.",
)
@click.option("--only", help="The one case with this id.")
@json_option
def run(files: Sequence[Path], store: StoreName, only: str | None, as_json: bool) -> None:
    """Play every case of the files: given, when, then, under a virtual clock, against the real ledger.

    One line a case, with the first difference. Exit code 1: a case failed. 2: a file is wrong, and nothing was played.
    """
    console = progress_console(as_json=as_json)
    try:
        cases = _chosen(read_cases(files), only)
        verdicts = _run_all(cases, store, console)
    except ScenarioInvalid as invalid:
        raise click.ClickException(str(invalid)) from invalid
    failures = [failure for verdict in verdicts if (failure := failure_of(verdict)) is not None]
    show_totals(len(verdicts), len(failures), console)
    if as_json:
        counts = {"cases": len(verdicts), "passed": len(verdicts) - len(failures), "failed": len(failures)}
        print_json({**counts, "failures": msgspec.to_builtins(failures)})
    if failures:
        raise AnswerIsNo


def _chosen(cases: list[AnyCase], only: str | None) -> list[AnyCase]:
    chosen = [case for case in cases if only in (None, case.case_id)]
    if not chosen:
        raise ScenarioInvalid("the files hold no case" if only is None else f"the files hold no case {only}")
    return chosen


def _run_all(cases: Iterable[AnyCase], store: StoreName, console: Console) -> list[Verdict]:
    verdicts: list[Verdict] = []
    with console.status("Reading") as status, _place(store, status.update) as place:
        for case in cases:
            status.update(f"{case.case_id} {case.title}")
            verdicts.append(run_case(case, place, with_threads=store == "postgres"))
            show_verdict(verdicts[-1], console)
    return verdicts


@contextmanager
def _place(store: StoreName, report: Callable[[str], None]) -> Generator[Place]:
    if store == "memory":
        yield memory_world
        return
    # Memory needs nothing of what comes with the embedded servers, which are an extra of the package.
    from usage_ledger.scenarios.worlds.databases import databases
    from usage_ledger.scenarios.worlds.postgres import postgres_worlds

    try:
        with databases(report) as made:
            yield postgres_worlds(made)
    except psycopg.errors.InsufficientPrivilege as error:
        raise click.ClickException(f"the owner of the settings may not do this: {error}") from error
    except (psycopg.OperationalError, LedgerUnavailable, StoreUnavailable) as error:
        raise DependencyUnreachable(f"Postgres does not answer: {type(error).__name__}") from error
