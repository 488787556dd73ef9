"""Which format a file has, told by how it begins; and its cases, if that format is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from usage_ledger.scenarios.mode_scenarios.reading import HEADER as MODE_SCENARIOS
from usage_ledger.scenarios.mode_scenarios.reading import read_mode_scenarios
from usage_ledger.scenarios.modes.reading import HEADER as MODE_TABLE
from usage_ledger.scenarios.modes.reading import read_mode_table
from usage_ledger.scenarios.modes.registry_changes import FORMAT as REGISTRY_CHANGES
from usage_ledger.scenarios.modes.registry_changes import read_changes
from usage_ledger.scenarios.reading.ledger_cases import FORMAT, read_ledger_cases
from usage_ledger.scenarios.reading.misfit import Misfit, ScenarioInvalid
from usage_ledger.scenarios.reading.node import Node, parse_yaml
from usage_ledger.scenarios.running import AnyCase

FILE_MAX_BYTES: Final = 8 * 1024 * 1024

_NOT_BUILT_TABLES: Final = {
    "case,sign_in,provider,": "payer table",
}


def read_cases(paths: Iterable[Path]) -> list[AnyCase]:
    """All cases of the files, in order. Raises ScenarioInvalid."""
    return [case for path in paths for case in _read_file(path)]


def _read_file(path: Path) -> Sequence[AnyCase]:
    try:
        return _read_text(_text_of(path), path.name)
    except Misfit as misfit:
        raise ScenarioInvalid(misfit.told(str(path))) from None


def _read_text(text: str, file: str) -> Sequence[AnyCase]:
    _refuse_tables(text.partition("\n")[0])
    if text.startswith(MODE_TABLE):
        return read_mode_table(text)
    if text.startswith(MODE_SCENARIOS):
        return read_mode_scenarios(text, file)
    root = parse_yaml(text)
    members = root.members()
    if "format" not in members:
        raise _unknown(root)
    found = members["format"]
    if found.value == REGISTRY_CHANGES:
        return read_changes(text)
    if found.value != FORMAT:
        raise Misfit(found.line, f"format {found.value} is not known; this version reads {FORMAT}")
    return read_ledger_cases(root, file)


def _refuse_tables(header: str) -> None:
    for beginning, table in _NOT_BUILT_TABLES.items():
        if header.startswith(beginning):
            raise Misfit(1, f"the {table} (CSV) cannot be run by this version yet: it is not built")


def _unknown(root: Node) -> Misfit:
    if {"version", "vocabulary", "cases"} <= root.members().keys():
        return Misfit(root.line, "the organization cases cannot be run by this version yet: they are not built")
    return Misfit(root.line, f"no known format: a file of cases begins with `format: {FORMAT}`")


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise Misfit(1, f"the file is larger than {FILE_MAX_BYTES:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Misfit(1, f"the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misfit(1, "the file is no UTF-8 text") from None
