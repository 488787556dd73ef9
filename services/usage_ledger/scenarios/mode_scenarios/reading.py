"""A table of billing-mode scenarios (CSV) to scenarios: rows of one name are its steps, numbered from 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, get_args

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.scenarios.mode_scenarios.command_fields import read_fields
from usage_ledger.scenarios.mode_scenarios.commands import CommandReader
from usage_ledger.scenarios.mode_scenarios.scenario import ModeScenario, ModeStep, Source, State
from usage_ledger.scenarios.reading.csv_table import Row, read_table
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.workspaces.events import WorkspaceKind
from usage_ledger.workspaces.resolver.policies import POLICIES

HEADER: Final = "scenario,step,policy,"

_KINDS: Final[tuple[WorkspaceKind, ...]] = get_args(WorkspaceKind)
_WORDS: Final = {
    "policy": tuple(POLICIES),
    "proxy": ("wired", "not_wired"),
    "workspace_state": ("missing", "registered"),
    "workspace_kind": _KINDS,
    "model_state": ("absent", "readable", "unreadable"),
    "credentials_state": ("readable", "unreadable"),
    "expected_result": ("accepted", "refused"),
}
_GIVEN: Final = (
    *("scenario", "step", "policy", "proxy", "workspace_state", "workspace_kind", "runtime", "model", "model_state"),
    *("override", "workspace_credentials", "tenant_credentials", "credentials_state", "command", "command_fields"),
)
_EXPECTED: Final = {
    "expected_result": "result",
    "expected_code": "code",
    "expected_rule": "rule",
    "model_after": "model_after",
    "expected_mode": "mode",
    "expected_source": "source",
    "expected_provider": "provider",
    "expected_provision": "provision",
    "withheld_names": "withheld_names",
}
_TOLD: Final = ("basis", "note")
_OF_A_WORKSPACE: Final = ("runtime", "model", "override", "workspace_credentials")


def read_mode_scenarios(text: str, file: str) -> list[ModeScenario]:
    """In the order of the file. Raises Misfit with the line, the case, the step and the column."""
    columns = (*_GIVEN, *_EXPECTED, *_TOLD)
    table = read_table(text, "scenario", columns)
    unknown = [column for column in table.columns if column not in columns]
    if unknown:
        raise Misfit(1, f"the column {unknown[0]} is not known")
    scenarios: dict[str, ModeScenario] = {}
    for name, group in groupby(table.rows, lambda row: row.cells["scenario"]):
        rows = list(group)
        with within(f"case {name}"):
            if name in scenarios:
                raise Misfit(rows[0].line, "the steps of a case stand one after another")
            scenarios[name] = ModeScenario(name, rows[0].cells["note"], tuple(_steps(rows)), file)
    return list(scenarios.values())


def _steps(rows: Sequence[Row]) -> Iterator[ModeStep]:
    commands = CommandReader(packaged_content())
    for number, row in enumerate(rows, start=1):
        if row.cells["step"] != str(number):
            raise Misfit(row.line, f"step is {row.cells['step']!r}; the next one is {number}")
        with within(f"step {number}"):
            yield _step(row, commands)


def _step(row: Row, commands: CommandReader) -> ModeStep:
    row.require_words(_WORDS)
    _require_agreement(row)
    cells = row.cells
    fields = read_fields(row.line, cells["command_fields"])
    is_accepted = cells["expected_result"] == "accepted"
    return ModeStep(
        before=_state(cells),
        unreadable=frozenset(_unreadable(cells)),
        command=commands.read(row.line, cells["command"], fields, _kind(cells), is_accepted=is_accepted),
        expected={told: cells[column] for column, told in _EXPECTED.items()},
    )


def _require_agreement(row: Row) -> None:
    """Columns of one state say the same of it."""
    cells = row.cells
    if (cells["model_state"] == "readable") != (cells["model"] != "none"):
        raise Misfit(row.line, f"model is {cells['model']!r}, and model_state {cells['model_state']!r}")
    if cells["workspace_state"] == "missing":
        for column in _OF_A_WORKSPACE:
            if cells[column] != "none":
                raise Misfit(row.line, f"{column} is {cells[column]!r}, and there is no workspace yet")


def _state(cells: Mapping[str, str]) -> State:
    is_registered = cells["workspace_state"] == "registered"
    return State(
        policy=cells["policy"],
        is_proxy_wired=cells["proxy"] == "wired",
        is_registered=is_registered,
        kind=_kind(cells) if is_registered else None,
        runtime=_value(cells["runtime"]),
        model=_value(cells["model"]),
        override=_value(cells["override"]),
        workspace_credentials=_names(cells["workspace_credentials"]),
        tenant_credentials=_names(cells["tenant_credentials"]),
    )


def _unreadable(cells: Mapping[str, str]) -> Iterator[Source]:
    if cells["model_state"] == "unreadable":
        yield "model"
    if cells["credentials_state"] == "unreadable":
        yield "credentials"


def _kind(cells: Mapping[str, str]) -> WorkspaceKind:
    """The kind of a workspace that is missing is the one that it is to get."""
    return next(kind for kind in _KINDS if kind == cells["workspace_kind"])


def _value(cell: str) -> str | None:
    return None if cell == "none" else cell


def _names(cell: str) -> tuple[str, ...]:
    return () if cell == "none" else tuple(sorted(cell.split()))
