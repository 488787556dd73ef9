"""Which format a file has, told by how it begins; and its cases, if that format is built."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from usage_ledger.scenarios.reading.ledger_cases import FORMAT, read_ledger_cases
from usage_ledger.scenarios.reading.misfit import Misfit, ScenarioInvalid
from usage_ledger.scenarios.reading.node import Node, parse_yaml
from usage_ledger.scenarios.steps import Case

FILE_MAX_BYTES: Final = 8 * 1024 * 1024

_NOT_BUILT_TABLES: Final = {
    "case,workspace_id,": "billing-mode table",
    "scenario,step,policy,": "billing-mode scenarios",
    "case,sign_in,provider,": "payer table",
}
_NOT_BUILT_POLICIES: Final = "expected_mode_P1"


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """All cases of the files, in order. Raises ScenarioInvalid."""
    return [case for path in paths for case in _read_file(path)]


def _read_file(path: Path) -> list[Case]:
    try:
        return _read_text(_text_of(path), path.name)
    except Misfit as misfit:
        raise ScenarioInvalid(misfit.told(str(path))) from None


def _read_text(text: str, file: str) -> list[Case]:
    _refuse_tables(text.partition("\n")[0])
    root = parse_yaml(text)
    members = root.members()
    if "format" not in members:
        raise _unknown(root)
    found = members["format"]
    if found.value != FORMAT:
        raise Misfit(found.line, f"format {found.value} is not known; this version reads {FORMAT}")
    return read_ledger_cases(root, file)


def _refuse_tables(header: str) -> None:
    for beginning, table in _NOT_BUILT_TABLES.items():
        if header.startswith(beginning):
            name = "billing-mode policies" if _NOT_BUILT_POLICIES in header else table
            raise Misfit(1, f"the {name} (CSV) cannot be run by this version yet: it is not built")


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
