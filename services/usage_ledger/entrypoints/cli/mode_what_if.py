"""`usage-ledger mode what-if`: whose mode would be another one, over all workspaces; nothing is changed by asking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO, cast

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from usage_ledger.entrypoints.cli.asking import configured_url, key_option, tenant_option, url_option
from usage_ledger.entrypoints.cli.mode_screen import styled
from usage_ledger.entrypoints.cli.output import answer_console, json_option, print_json
from usage_ledger.entrypoints.cli.tables import table
from usage_ledger.gateway.service import LedgerService, RequestRefused
from usage_ledger.unreachable import DependencyUnreachable

_PATH: Final = "/v1/what-if/billing-mode"
_FLIPS_KEPT: Final = 1_000
_FLIPS_SHOWN: Final = 20
_BAR: Final = 30


@click.command("what-if")
@click.option("--policy", help="Another policy, such as P5.")
@click.option("--registry", help="Another registry: a published label, or a file as `registry packaged` prints one.")
@click.option("--proxy", type=click.Choice(["wired", "unwired"]), help="The proxy stated otherwise.")
@click.option("--facts", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Other facts, as JSON.")
@click.option("--flips", "file", type=click.File("w", encoding="utf-8"), help="Write every flip here, a line each.")
@key_option
@url_option
@tenant_option
@json_option
def what_if(
    *,
    policy: str | None,
    registry: str | None,
    proxy: str | None,
    facts: Path | None,
    file: TextIO | None,
    key: str,
    url: str | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Show whose mode would be another one: all workspaces of the tenant, or of the deployment for its admin."""
    body: dict[str, Any] = {"facts": _facts(facts, proxy)}
    if policy is not None:
        body["policy"] = policy
    if registry is not None:
        body["registry"] = _registry(registry)
    try:
        with LedgerService(url or configured_url(), key, tenant=tenant) as service:
            found = _followed(service.ask(_PATH, body), file)
    except RequestRefused as refused:
        raise click.ClickException(str(refused)) from refused
    if as_json:
        print_json(found)
    else:
        _show(found, answer_console())


def _registry(named: str) -> Any:
    """The content of a file, or of what would publish it; else the name itself, as a label."""
    path = Path(named)
    if not path.is_file():
        return named
    content = _read_json(path)
    return content.get("content", content)


def _facts(path: Path | None, proxy: str | None) -> dict[str, Any]:
    facts = {} if path is None else _read_json(path)
    return facts if proxy is None else {**facts, "proxy_wired": proxy == "wired"}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{path} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise click.ClickException(f"{path} holds no JSON object")
    return cast("dict[str, Any]", content)


def _followed(lines: Iterable[Mapping[str, Any]], file: TextIO | None) -> dict[str, Any]:
    """The whole answer with its first flips, told on stderr how far it is. Raises DependencyUnreachable."""
    flips: list[Mapping[str, Any]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Asking about workspaces", total=None)
        for line in lines:
            told = {name: value for name, value in line.items() if name != "kind"}
            match line["kind"]:
                case "flip":
                    _keep(told, flips, file)
                case "progress":
                    progress.update(task, completed=told["workspaces"], total=told["expected"])
                case "answer":
                    return {**told, "flips": flips, "truncated": len(flips) < told["flips_total"]}
                case _:
                    raise DependencyUnreachable(f"{told.get('code')}: {told.get('detail')}")
    raise DependencyUnreachable("the answer ended early")


def _keep(flip: dict[str, Any], flips: list[Mapping[str, Any]], file: TextIO | None) -> None:
    if file is not None:
        file.write(json.dumps(flip, separators=(",", ":")) + "\n")
    if len(flips) < _FLIPS_KEPT:
        flips.append(flip)


def _show(found: Mapping[str, Any], console: Console) -> None:
    console.print(f"{found['flips_total']:,} of {found['workspaces']:,} workspaces flip", style="bold", highlight=False)
    _show_directions(found, console)
    _show_gates(found, console)
    starts = found["platform_cost_starts"]
    if starts:
        console.print(f"The platform would start to pay for {starts:,}.", style="bold yellow", highlight=False)
    if found["unreadable"]:
        console.print(f"{found['unreadable']:,} could not be read: see `doctor`.", style="bold red", highlight=False)
    _show_flips(found, console)
    console.print(f"As of {found['as_of']['recorded_at']}. Nothing was changed.", style="dim", highlight=False)


def _show_directions(found: Mapping[str, Any], console: Console) -> None:
    shown = table("direction", "", "workspaces")
    for direction, number in found["directions"].items():
        bar = "█" * max(1, round(_BAR * number / found["flips_total"]))
        was, _, becomes = direction.partition("_to_")
        shown.add_row(f"{styled(was)} → {styled(becomes)}", bar, f"{number:,}")
    if found["directions"]:
        console.print(shown)


def _show_gates(found: Mapping[str, Any], console: Console) -> None:
    today, then = found["failed_gates_today"], found["failed_gates"]
    shown = table("gate that refuses a run", "today", "then")
    for gate in dict.fromkeys((*today, *then)):
        shown.add_row(gate, f"{today.get(gate, 0):,}", f"{then.get(gate, 0):,}")
    if today or then:
        console.print(shown)


def _show_flips(found: Mapping[str, Any], console: Console) -> None:
    shown = table("tenant", "workspace", "from", "to", "decided by", "would fail")
    for flip in found["flips"][:_FLIPS_SHOWN]:
        names = (escape(flip["tenant"]), escape(flip["workspace_id"]), styled(flip["from"]), styled(flip["to"]))
        shown.add_row(*names, flip["to_source"], ", ".join(flip["failed_gates"]))
    if found["flips"]:
        console.print(shown)
    more = found["flips_total"] - min(len(found["flips"]), _FLIPS_SHOWN)
    if more > 0:
        console.print(f"… and {more:,} more: --flips FILE writes all of them.", style="dim", highlight=False)
