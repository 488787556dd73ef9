"""What `usage-ledger scenario run` shows: a line a case, and the first difference of one that failed."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from usage_ledger.scenarios.difference import Difference
from usage_ledger.scenarios.running import Verdict


class Failure(msgspec.Struct, frozen=True):
    """The first difference of a case."""

    case: str
    step: str
    expected: Any
    actual: Any


def failure_of(verdict: Verdict) -> Failure | None:
    """None: the case passed."""
    difference = verdict.difference
    return None if difference is None else Failure(verdict.case.case_id, *difference)


def show_verdict(verdict: Verdict, console: Console) -> None:
    """Titles and values come from a file: nothing in them is markup, and no line is broken."""
    case, difference = verdict.case, verdict.difference
    line = Text("passed", style="green") if difference is None else Text("FAILED", style="bold red")
    line.append(f"  {case.case_id}  {case.title}", style="default")
    if difference is not None:
        line.append(f": {_told(difference)}")
    console.print(line, soft_wrap=True, highlight=False)


def show_totals(cases: int, failed: int, console: Console) -> None:
    console.print(f"{cases} cases: {cases - failed} passed, {failed} failed", highlight=False)


def _told(difference: Difference) -> str:
    return f"{difference.step}: expected {_value(difference.expected)}, found {_value(difference.actual)}"


def _value(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
