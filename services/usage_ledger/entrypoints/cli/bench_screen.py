"""What `usage-ledger bench` shows: the figures beside those of what they are compared with."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from usage_ledger.benchmarks.rating import WHOLE

_COLUMNS = ("items/s", "ratio", "ack ms", "view ms", "CPU µs an item")


def show_answer(answer: Mapping[str, Any], console: Console) -> None:
    """A row for what was measured, and one for each of its rivals."""
    name = answer["bench"]
    table = Table(title=_title(answer), title_justify="left")
    table.add_column(no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    table.add_row(f"[bold]{name}[/bold]", *_cells(answer, None))
    for other, figures in answer.get("compared", {}).items():
        table.add_row(other, *_cells(figures, answer["ratio"][other]))
    console.print(table)
    console.print(f"{'CPU':>12}  {_by_name(answer['cpu_us_per_item'], 'µs an item')}", highlight=False)
    if "rss_mb" in answer:
        console.print(f"{'memory':>12}  {_by_name(answer['rss_mb'], 'MB')}", highlight=False)
    for number, rates in enumerate(answer["rounds"], start=1):
        console.print(f"{f'round {number}':>12}  {_by_name(rates, 'items/s')}", highlight=False)


def show_books(answer: Mapping[str, Any], console: Console) -> None:
    """What the views say of everything that was sent."""
    console.print(
        f"{'books':>12}  sent {answer['sent']:,}, in the views {answer['view_items']:,}, charged {answer['charged']}, "
        f"{answer['entries']:,} entries, trial balance {answer['trial_balance']}",
        highlight=False,
    )


def show_layouts(layouts: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A column a layout of the table of attempts, a row a figure."""
    table = Table(title="Attempts: what a row costs, by layout of the table", title_justify="left")
    table.add_column(no_wrap=True)
    for layout in layouts:
        table.add_column(layout["layout"], justify="right", no_wrap=True)
    for name in layouts[0]:
        if name != "layout":
            table.add_row(name.replace("_", " "), *(f"{layout[name]:,}" for layout in layouts))
    console.print(table)


def show_rating(answer: Mapping[str, Any], console: Console) -> None:
    """A row a form of price."""
    figures = answer["cpu_us_per_item"]
    _show_costs("Rating: CPU µs a line, by the form of its price", {**figures, WHOLE: figures["total"]}, console)


def show_resolution(answer: Mapping[str, Any], console: Console) -> None:
    """A row for each way in which a provider is found, or not."""
    _show_costs("Resolution: CPU µs each, by what there is to find", answer["cpu_us_per_item"], console)


def show_what_if(answer: Mapping[str, Any], console: Console) -> None:
    """What one question over all workspaces took."""
    table = Table(title=f"What-if over {answer['items']:,} workspaces: {answer['flips']:,} flips", title_justify="left")
    for column in ("seconds", "workspaces/s", "CPU µs each", "peak MB", "of which extra"):
        table.add_column(column, justify="right")
    figures = (answer["seconds"], answer["items_per_s"], answer["cpu_us_per_item"]["total"])
    table.add_row(*(f"{figure:,}" for figure in (*figures, answer["rss_mb"], answer["extra_rss_mb"])))
    console.print(table)


def show_holds(answer: Mapping[str, Any], console: Console) -> None:
    """How long each half of a call waits."""
    rate = f"{answer['items_per_s']:,} calls a second of {answer['rate']:,.0f} asked for"
    table = Table(title=f"Holds: {rate}; {answer['seconds']:.0f} s", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column("p50 / p99 ms", justify="right")
    for name, figures in (("held", answer["hold_ms"]), ("settled", answer["settle_ms"])):
        table.add_row(name, f"{figures['p50']:,} / {figures['p99']:,}")
    table.add_row("CPU µs a call, all processes", f"{answer['cpu_us_per_item']['total']:,}")
    console.print(table)


def show_mode_changes(answer: Mapping[str, Any], console: Console) -> None:
    """How long a change waits, and the usage beside it."""
    rate = f"{answer['items_per_s']:,} changes a second of {answer['rate']:,.0f} asked for"
    usage = answer["usage"]
    table = Table(title=f"Billing modes: {rate}; {answer['seconds']:.0f} s", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column("p50 / p99 ms", justify="right")
    for name, figures in (("changed", answer["ack_ms"]), ("usage beside it", usage["ack_ms"])):
        table.add_row(name, f"{figures['p50']:,} / {figures['p99']:,}")
    table.add_row("usage, items a second", f"{usage['items_per_s']:,} of {usage['rate']:,}")
    console.print(table)


def show_large_account(answer: Mapping[str, Any], console: Console) -> None:
    """Loading, and taking a batch."""
    size = f"{answer['events']:,} events, {answer['lots']:,} lots, {answer['holds']:,} open holds"
    table = Table(title=f"An account of {size}", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column("p50 / p99 ms", justify="right")
    stored = f"a snapshot of {answer['snapshot_bytes']:,} bytes and {answer['events_after_snapshot']} events"
    rows = {
        f"load: {stored}": "load_ms",
        f"a batch of {answer['batch']} items, CPU time of this process": "batch_cpu_ms",
        f"a batch of {answer['batch']} items, until it is durable": "batch_ms",
    }
    for name, figures in rows.items():
        table.add_row(name, f"{answer[figures]['p50']:,} / {answer[figures]['p99']:,}")
    console.print(table)


def _show_costs(title: str, figures: Mapping[str, float], console: Console) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column("CPU µs", justify="right")
    for name, figure in figures.items():
        if name != "total":
            table.add_row(name, f"{figure:.2f}")
    console.print(table)


def _title(answer: Mapping[str, Any]) -> str:
    told = ("shape", "door", "batch", "connections", "rate")
    options = ", ".join(f"{name} {answer[name]}" for name in told if answer.get(name) is not None)
    return f"{answer['bench']}: {options}; {answer['seconds']:.0f} s, {answer['items']:,} items"


def _cells(figures: Mapping[str, Any], ratio: float | None) -> list[str]:
    times = [figures.get(kind) for kind in ("ack_ms", "view_ms")]
    return [
        f"{figures['items_per_s']:,}",
        "" if ratio is None else f"{ratio:.2f}",
        *("" if time is None else f"{time['p50']:,} / {time['p99']:,}" for time in times),
        f"{figures['cpu_us_per_item']['total']:,}",
    ]


def _by_name(values: Mapping[str, float], unit: str) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in values.items()) + f" {unit}"
