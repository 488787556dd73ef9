"""What `usage-ledger publish` shows: progress while it sends, then what became of the items."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from usage_ledger.gateway.tally import Tally, percentile
from usage_ledger.money import format_amount

_COUNTS = ("accepted", "duplicates", "conflicts", "quarantined", "rejected")


@contextmanager
def advancing(console: Console, items: int | None) -> Generator[Callable[[int], None]]:
    """A bar that moves by what the block is told was answered; without an end if the number of items is unknown."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Publishing", total=items)
        yield lambda answered: progress.advance(task, answered)


def summary(tally: Tally, seconds: float) -> dict[str, object]:
    """The answer for programs; money as decimal text."""
    return {
        "items": tally.items,
        **{name: getattr(tally, name) for name in _COUNTS},
        "codes": dict(tally.codes),
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "charged": format_amount(tally.charged),
        "retries": tally.retries,
        "seconds": round(seconds, 3),
        "ack_ms": {f"p{percent}": round(percentile(tally.ack_ms, percent), 1) for percent in (50, 99)},
    }


def outcome(tally: Tally, seconds: float) -> Table:
    """The answer for people."""
    table = Table.grid(padding=(0, 2))
    table.add_row("items", f"[bold]{tally.items:,}[/bold] in {seconds:.1f} s")
    for name in _COUNTS:
        table.add_row(name, f"{getattr(tally, name):,}")
    for code, count in tally.codes.most_common():
        table.add_row("", f"{count:,} {code}")
    table.add_row("charged", format_amount(tally.charged))
    for line_number, detail in tally.unreadable:
        table.add_row("", f"line {line_number}: {detail}")
    return table
