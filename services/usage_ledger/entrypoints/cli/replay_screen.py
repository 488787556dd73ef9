"""What `replay` shows: progress while it folds, then the digests, what differs, or the past."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from usage_ledger.entrypoints.cli.replay_answer import entry, positions
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.money import format_amount
from usage_ledger_views.replaying.comparison import Difference
from usage_ledger_views.replaying.history_fold import Broken
from usage_ledger_views.replaying.past import Past
from usage_ledger_views.replaying.replay import Comparison, ViewDigests

SHOWN_MAX: Final = 50
DIGEST_SHOWN: Final = 12


@contextmanager
def folding(console: Console, events: int | None) -> Generator[Callable[[int], None]]:
    """A bar that moves by what the block is told was folded; without an end if nobody knows how many events match."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Folding events", total=events)
        yield lambda folded: progress.advance(task, folded)


def show_comparison(found: Comparison, console: Console) -> None:
    _line(console, f"{found.events:,} events folded, up to {', '.join(positions(found.positions))}")
    console.print(_digests(found.digests))
    _show_broken(found.broken, console)
    for stream_id in found.blocked_streams:
        _line(console, f"blocked: {stream_id} (usage-ledger repair {stream_id})")
    for difference in found.differences:
        _line(console, _difference(difference))
    if found.differing > len(found.differences):
        _line(console, f"… and {found.differing - len(found.differences):,} more")
    _line(console, "The views agree with history." if found.agrees else "The views do not agree with history.")


def show_past(past: Past, console: Console, *, with_entries: bool) -> None:
    _line(console, f"As of {', '.join(positions(past.positions))}: {past.events:,} events folded")
    if past.balances:
        console.print(_balances(past))
    if with_entries and past.entries:
        console.print(_entries(past))
    if past.modes:
        console.print(_modes(past))
    if not (past.balances or past.modes):
        _line(console, "There was nothing yet.")
    _show_broken(past.broken, console)


def _digests(digests: Iterable[ViewDigests]) -> Table:
    table = _table("view", "rows", "live", "replayed", "")
    for each in digests:
        verdict = "equal" if each.live == each.replayed else "DIFFERENT"
        table.add_row(each.view, f"{each.live_rows:,}", each.live[:DIGEST_SHOWN], each.replayed[:DIGEST_SHOWN], verdict)
    return table


def _difference(each: Difference) -> str:
    key = ", ".join(f"{column}={value}" for column, value in each.key.items())
    return f"{each.view}: {each.table}[{key}].{each.column}: live {each.live}, replayed {each.replayed}"


def _balances(past: Past) -> Table:
    table = _table("tenant", "account", "status", "posted", "held", "available", "")
    for each in past.balances[:SHOWN_MAX]:
        amounts = (format_amount(amount) for amount in (each.posted, each.held, each.available))
        table.add_row(each.tenant, each.account_id, each.status, *amounts, each.currency)
    table.caption = _left_out(past.accounts_count, "accounts")
    return table


def _entries(past: Past) -> Table:
    table = _table("recorded at", "type", "effect", "balance", "reference")
    for found in past.entries[:SHOWN_MAX]:
        each = entry(found)
        table.add_row(*(each[name] for name in ("recorded_at", "type", "effect", "running_balance", "reference")))
    table.caption = _left_out(past.entries_count, "entries")
    return table


def _modes(past: Past) -> Table:
    table = _table("tenant", "workspace", "mode", "source", "payer", "model")
    for each in past.modes[:SHOWN_MAX]:
        texts = (each.mode, each.source, each.payer, each.model)
        table.add_row(each.tenant, each.workspace_id, *(text or "-" for text in texts))
    table.caption = _left_out(past.workspaces_count, "workspaces")
    return table


def _left_out(count: int, of_what: str) -> str | None:
    return None if count <= SHOWN_MAX else f"the first {SHOWN_MAX} of {count:,} {of_what}; --json lists more"


def _show_broken(broken: Iterable[Broken], console: Console) -> None:
    for each in broken:
        place = f"{Position(each.shard, each.position)} {each.stream_id}".rstrip()
        _line(console, f"history is broken at {place}: {each.reason}: {each.detail}")


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _line(console: Console, text: str) -> None:
    """Names come from outside: nothing in them is markup, and no line is broken."""
    console.print(text, soft_wrap=True, highlight=False, markup=False)
