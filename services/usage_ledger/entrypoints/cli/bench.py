"""`usage-ledger bench NAME`: how fast, on this machine, and how many times faster than a plain SQL ledger."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from usage_ledger.benchmarks.answer import Measured, bench_answer, books_answer
from usage_ledger.benchmarks.comparison import Contestant, measure_in_turn
from usage_ledger.benchmarks.dedupe_layouts import LAYOUTS
from usage_ledger.benchmarks.dedupe_study import STUDY_SETTINGS, study
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.holds import measure_holds
from usage_ledger.benchmarks.large_account import Size, measure_large_account
from usage_ledger.benchmarks.machine import machine
from usage_ledger.benchmarks.mode_changes import Rates, measure_mode_changes
from usage_ledger.benchmarks.pipeline import Door, Pipeline
from usage_ledger.benchmarks.places import postgres_alone, postgres_of, whole_ledger
from usage_ledger.benchmarks.rating import measure_rating
from usage_ledger.benchmarks.resolution import measure_resolution
from usage_ledger.benchmarks.rivals import Rivals
from usage_ledger.benchmarks.shapes import SHAPES
from usage_ledger.benchmarks.what_if import measure_what_if
from usage_ledger.embedded.servers import Report
from usage_ledger.embedded.stack import Stack
from usage_ledger.entrypoints.cli.bench_options import Load, load_options
from usage_ledger.entrypoints.cli.bench_screen import (
    show_answer,
    show_books,
    show_holds,
    show_large_account,
    show_layouts,
    show_mode_changes,
    show_rating,
    show_resolution,
    show_what_if,
)
from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console

_RIVAL_SHARE = 3
"""Beside the pipeline a rival gets a third of its time: it has no caches to fill and nothing to catch up with."""


@click.group()
def bench() -> None:
    """Measure on this machine, on servers of its own with every write durable."""


@bench.command()
@load_options
@click.option("--door", type=click.Choice(["http", "kafka"]), default="http", show_default=True)
@click.option("--connections", type=click.IntRange(1, 1_000), default=24, show_default=True, help="Clients that wait.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Items a second; default: as fast as it goes.")
@click.option("--alone", is_flag=True, help="Leave out what it is compared with.")
@json_option
def pipeline(door: Door, connections: int, rate: float | None, alone: bool, as_json: bool, **options: Any) -> None:
    """The whole way: from the first item sent to the last one readable in the views.

    Exit code 1 if an item is missing or the books do not balance.
    """
    load = Load.of(**options)
    with _measuring(as_json=as_json) as (console, report), whole_ledger(report) as stack:
        report("Opening accounts and workspaces")
        subject = Pipeline(stack, load.shape, door, batch=load.batch, connections=connections, rate=rate)
        measured = _measure_pipeline(subject, stack, load, report, alone=alone)
        told = {**load.told(), "door": door, "connections": connections, "rate": rate}
        books = subject.books()
        answer = {
            **bench_answer("pipeline", told, measured),
            "rss_mb": subject.rss_mb(),
            **books_answer(books, subject.sent),
        }
    show_answer(answer, console)
    show_books(answer, console)
    _finish(answer, books.faults(subject.sent, subject.accepted), as_json=as_json)


@bench.command()
@load_options
@json_option
def textbook(as_json: bool, **options: Any) -> None:
    """The plain SQL ledger, 50 items a transaction; beside it pipelined, one item a transaction, and the floor."""
    _bench_rivals(("textbook", "textbook_pipelined", "textbook_single", "floor"), Load.of(**options), as_json=as_json)


@bench.command()
@load_options
@json_option
def floor(as_json: bool, **options: Any) -> None:
    """The ledger's own bytes by COPY into bare tables, durable; beside it the plain SQL ledger."""
    _bench_rivals(("floor", "textbook", "textbook_pipelined"), Load.of(**options), as_json=as_json)


@bench.command()
@click.option("--rows", type=click.IntRange(1_000), default=5_000_000, show_default=True, help="Rows before measuring.")
@click.option("--layout", "names", type=click.Choice(list(LAYOUTS)), multiple=True, help="Repeatable; default: all.")
@json_option
def dedupe(rows: int, names: Sequence[str], as_json: bool) -> None:
    """What a row of the table of attempts costs, by the table's layout, before and after a checkpoint."""
    with _measuring(as_json=as_json) as (console, report), postgres_alone(report, STUDY_SETTINGS) as place:
        layouts = study(place, names or list(LAYOUTS), rows, report)
    show_layouts(layouts, console)
    _finish({"bench": "dedupe", "rows": rows, "layouts": layouts, "machine": machine()}, [], as_json=as_json)


@bench.command()
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=5.0, show_default=True, help="CPU time.")
@json_option
def rating(seconds: float, as_json: bool) -> None:
    """What rating a line costs, by the form of its price. Needs no servers."""
    answer = measure_rating(seconds)
    show_rating(answer, progress_console(as_json=as_json))
    _finish(answer, [], as_json=as_json)


@bench.command()
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=5.0, show_default=True, help="CPU time.")
@json_option
def resolution(seconds: float, as_json: bool) -> None:
    """What resolving a billing mode costs, by what there is to find. Needs no servers."""
    answer = measure_resolution(seconds)
    show_resolution(answer, progress_console(as_json=as_json))
    _finish(answer, [], as_json=as_json)


@bench.command("what-if")
@click.option("--workspaces", type=click.IntRange(100), default=100_000, show_default=True)
@json_option
def what_if(workspaces: int, as_json: bool) -> None:
    """How long it takes to say whose mode would be another one under another policy, over all workspaces."""
    with _measuring(as_json=as_json) as (console, report), postgres_alone(report) as place:
        answer = measure_what_if(place, workspaces, report)
    show_what_if(answer, console)
    _finish(answer, [], as_json=as_json)


@bench.command()
@click.option(
    "--events", type=click.IntRange(5_000), default=100_000, show_default=True, help="Of the account's stream."
)
@click.option("--lots", type=click.IntRange(1, 2_000), default=1_000, show_default=True, help="With something left.")
@click.option("--holds", type=click.IntRange(0, 2_000), default=1_000, show_default=True, help="That are open.")
@json_option
def account(events: int, lots: int, holds: int, as_json: bool) -> None:
    """What a very large account costs: to load it, and to take a batch of 100 items."""
    with _measuring(as_json=as_json) as (console, report), postgres_alone(report) as place:
        answer = measure_large_account(place, Size(events, lots, holds), report)
    show_large_account(answer, console)
    _finish(answer, [], as_json=as_json)


@bench.command()
@click.option("--rate", type=click.FloatRange(1), default=500.0, show_default=True, help="Calls a second.")
@click.option("--seconds", type=click.FloatRange(1), default=30.0, show_default=True)
@click.option("--connections", type=click.IntRange(1, 1_000), default=32, show_default=True, help="Clients that wait.")
@click.option("--shape", type=click.Choice(list(SHAPES)), default="narrow", show_default=True)
@json_option
def holds(rate: float, seconds: float, connections: int, shape: str, as_json: bool) -> None:
    """How long calls wait for their holds and settlements, at a rate, over HTTP."""
    with _measuring(as_json=as_json) as (console, report), whole_ledger(report) as stack:
        answer = measure_holds(stack, SHAPES[shape], seconds=seconds, rate=rate, connections=connections, report=report)
    show_holds(answer, console)
    _finish(answer, [], as_json=as_json)


@bench.command("mode-changes")
@click.option("--rate", type=click.FloatRange(1), default=200.0, show_default=True, help="Changes a second.")
@click.option(
    "--usage-rate", type=click.FloatRange(1), help="Items a second beside; default: half of what there can be."
)
@click.option("--batch", type=click.IntRange(1, 1_000), default=100, show_default=True, help="Items a request.")
@click.option("--seconds", type=click.FloatRange(1), default=30.0, show_default=True)
@click.option("--shape", type=click.Choice(list(SHAPES)), default="narrow", show_default=True)
@json_option
def mode_changes(rate: float, usage_rate: float | None, batch: int, seconds: float, shape: str, as_json: bool) -> None:
    """How long changes of billing modes wait, at a rate, over HTTP, while usage comes in."""
    rates = Rates(rate, usage_rate)
    with _measuring(as_json=as_json) as (console, report), whole_ledger(report) as stack:
        answer = measure_mode_changes(stack, SHAPES[shape], rates, seconds=seconds, batch=batch, report=report)
    show_mode_changes(answer, console)
    _finish(answer, [], as_json=as_json)


def _measure_pipeline(subject: Pipeline, stack: Stack, load: Load, report: Report, *, alone: bool) -> Measured:
    """The rivals go first in each round, and the pipeline comes first in what is told."""
    contestants = {"pipeline": Contestant(subject.measure, load.round_s)}
    if alone:
        return measure_in_turn(contestants, load.rounds, report)
    rivals = Rivals(postgres_of(stack), load.shape, load.batch)
    beside = rivals.contestants(("textbook", "textbook_pipelined", "floor"), load.round_s / _RIVAL_SHARE)
    measured = measure_in_turn({**beside, **contestants}, load.rounds, report)
    rivals.require_balance()
    return {"pipeline": measured.pop("pipeline"), **measured}


def _bench_rivals(names: Sequence[str], load: Load, *, as_json: bool) -> None:
    """The first one is the benchmark; the others are what it is compared with."""
    with _measuring(as_json=as_json) as (console, report), postgres_alone(report) as place:
        rivals = Rivals(place, load.shape, load.batch)
        measured = measure_in_turn(rivals.contestants(names, load.round_s), load.rounds, report)
        rivals.require_balance()
    answer = bench_answer(names[0], load.told(), measured)
    show_answer(answer, console)
    _finish(answer, [], as_json=as_json)


@contextmanager
def _measuring(*, as_json: bool) -> Generator[tuple[Console, Report]]:
    """Tells what is going on. A benchmark that fails says why, and its answer is no."""
    console = progress_console(as_json=as_json)
    try:
        with console.status("Starting") as status:
            yield console, status.update
    except BenchmarkFailed as failure:
        _finish({}, [str(failure)], as_json=as_json)


def _finish(answer: Mapping[str, object], faults: Sequence[str], *, as_json: bool) -> None:
    """Raises AnswerIsNo if something is wrong with what was measured."""
    for fault in faults:
        click.echo(f"usage-ledger: {fault}", err=True)
    if as_json:
        print_json({**answer, "faults": list(faults)})
    if faults:
        raise AnswerIsNo
