"""`usage-ledger doctor`: what is missing, unreachable or unsafe, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from usage_ledger.diagnosis.examination import examine
from usage_ledger.diagnosis.finding import Finding, Level, failure
from usage_ledger.entrypoints.cli.exits import Exit
from usage_ledger.entrypoints.cli.output import json_option, print_json
from usage_ledger.settings import SettingsInvalid, load_settings

_STYLES: Final[dict[Level, str]] = {"ok": "green", "warning": "yellow", "failure": "red", "unreachable": "bold red"}


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Examine settings, Postgres, Kafka and what waits. Changes nothing; exit 2: something is wrong, 3: unreachable."""
    findings = _examined()
    exit_code = _exit_code(findings)
    if as_json:
        print_json(_answer(findings, exit_code))
    else:
        _show(findings, Console())
    context.exit(exit_code)


def _examined() -> list[Finding]:
    """Settings that do not fit are a finding too; without them there is nothing else to look at."""
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        return [failure("settings", str(error), "correct the environment or the settings file; see deploy/settings.md")]
    return examine(settings)


def _exit_code(findings: Sequence[Finding]) -> Exit:
    levels = {finding.level for finding in findings}
    if "unreachable" in levels:
        return Exit.UNREACHABLE
    return Exit.INPUT_WRONG if "failure" in levels else Exit.DONE


def _answer(findings: Sequence[Finding], exit_code: Exit) -> dict[str, object]:
    levels = Counter(finding.level for finding in findings)
    return {
        "exit_code": int(exit_code),
        **{level: levels[level] for level in _STYLES},
        "checks": msgspec.to_builtins(findings),
    }


def _show(findings: Sequence[Finding], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "check", "found", "mend"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        level = Text(finding.level, style=_STYLES[finding.level])
        table.add_row(level, Text(finding.check), Text(finding.found), Text(finding.mend))
    console.print(table)
