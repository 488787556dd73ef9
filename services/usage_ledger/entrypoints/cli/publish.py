"""`usage-ledger publish`: the gateway side alone, against a running service."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from usage_ledger.entrypoints.cli.asking import configured_url, url_option
from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console
from usage_ledger.entrypoints.cli.publish_screen import advancing, outcome, summary
from usage_ledger.gateway.delivery import Delivery
from usage_ledger.gateway.ndjson import Unreadable, read_items
from usage_ledger.gateway.publisher import MAX_BATCH_ITEMS, Pace
from usage_ledger.gateway.publisher import publish as publish_items
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.gateway.source_line import SourceInvalid
from usage_ledger.gateway.tally import Tally
from usage_ledger.gateway.trace import Columns, read_trace
from usage_ledger.gateway.trace_items import Assignment, Model, trace_item
from usage_ledger.usage.item import UsageItem

_COLUMNS = Columns()
_NDJSON_SUFFIXES = frozenset((".ndjson", ".jsonl"))


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and what is to be assumed of items that do not say it themselves."""

    file: Path
    columns: Columns
    workspaces: list[str]
    model: str | None
    tenant: str | None

    def items(self, tally: Tally) -> Iterator[UsageItem]:
        """The items, read as they are needed. Lines of NDJSON that are none are counted as rejected and left out."""
        with self.file.open(encoding="utf-8-sig", newline="") as lines:
            if self.file.suffix in _NDJSON_SUFFIXES:
                yield from _readable(read_items(lines, self._defaults()), tally)
            else:
                assignment = self._assignment()
                for row in read_trace(lines, self.columns):
                    yield trace_item(row, assignment, datetime.now(UTC))

    def _assignment(self) -> Assignment:
        if not self.workspaces:
            raise click.UsageError("a trace does not say who called: give --workspaces")
        # A trace does not say which model answered either. Calls of a model without a price are recorded unpriced.
        return Assignment(self.workspaces, [Model(self.model or "unspecified")], self.tenant)

    def _defaults(self) -> Mapping[str, str]:
        workspace = self.workspaces[0] if self.workspaces else None
        members = {"workspace_id": workspace, "model": self.model, "tenant": self.tenant}
        return {name: text for name, text in members.items() if text is not None}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, envvar="USAGE_LEDGER_KEY", help="Service key with scope usage.", show_envvar=True)
@url_option
@click.option("--workspaces", default="", help="Separated by commas; the calls of a trace go to them in turn.")
@click.option("--model", help="Model of calls that name none. Default: unspecified, which has no price.")
@click.option("--tenant", help="Tenant of items that name none; for gateway keys, which speak for several.")
@click.option(
    "--batch", type=click.IntRange(1, MAX_BATCH_ITEMS), default=100, show_default=True, help="Items a request."
)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Items a second at most.")
@click.option("--timestamp-column", default=_COLUMNS.timestamp, show_default=True)
@click.option("--input-column", default=_COLUMNS.context_tokens, show_default=True)
@click.option("--output-column", default=_COLUMNS.generated_tokens, show_default=True)
@json_option
def publish(
    file: Path,
    key: str,
    url: str | None,
    workspaces: str,
    model: str | None,
    tenant: str | None,
    batch: int,
    rate: float | None,
    timestamp_column: str,
    input_column: str,
    output_column: str,
    as_json: bool,
) -> None:
    """Send a trace (CSV) or usage items (NDJSON) to a running service, as a gateway would.

    An item's id follows from its line, so nothing is counted twice however often this is run, also after an
    interruption. What gets no answer is sent again until there is one. The exit code is 1 if any item was rejected or
    is in conflict with an earlier one.
    """
    columns = Columns(timestamp_column, input_column, output_column)
    names = [name for name in map(str.strip, workspaces.split(",")) if name]
    source = Source(file, columns, names, model, tenant)
    try:
        with LedgerService(url or configured_url(), key) as service:
            tally, seconds = _publish(source, service, Pace(batch, rate), as_json=as_json)
    except (SourceInvalid, RequestRefused) as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    progress_console(as_json=as_json).print(outcome(tally, seconds))
    if as_json:
        print_json(summary(tally, seconds))
    if tally.rejected or tally.conflicts:
        raise AnswerIsNo


def _publish(source: Source, service: LedgerService, pace: Pace, *, as_json: bool) -> tuple[Tally, float]:
    # The first pass finds a broken file before any of it was sent; a pipe has only one.
    expected = _count(source.items(Tally())) if source.file.is_file() else None
    tally, began = Tally(), time.monotonic()
    with advancing(progress_console(as_json=as_json), expected) as advance:
        publish_items(source.items(tally), Delivery(service, tally), pace, lambda sent: advance(len(sent)))
    return tally, time.monotonic() - began


def _readable(found: Iterable[UsageItem | Unreadable], tally: Tally) -> Iterator[UsageItem]:
    for item in found:
        if isinstance(item, Unreadable):
            tally.add_unreadable(item.line_number, item.detail)
        else:
            yield item


def _count(items: Iterable[UsageItem]) -> int:
    return sum(1 for _ in items)
