"""A billing-mode table (CSV) to rows: under P3 and P4 with keys and provision, or under every policy."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Final

from usage_ledger.scenarios.modes.mode_case import ModeCase
from usage_ledger.scenarios.modes.sources import facts_of
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.workspaces.resolver.policies import POLICIES

HEADER: Final = "case,workspace_id,"

_WORDS: Final = {
    "workspace_id": ("present", "absent"),
    "override_state": ("absent", "recognised", "unknown_text", "unreadable"),
    "org_default_state": ("absent", "recognised", "unknown_text", "unreadable"),
    "proxy": ("wired", "not_wired"),
    "registry_state": ("available", "unavailable"),
}
_GIVEN: Final = (
    *("case", "workspace_id", "override", "override_state", "org_default", "org_default_state", "runtime", "model"),
    *("workspace_credentials", "tenant_credentials", "proxy", "registry_state", "expected_provider"),
)
_TOLD: Final = ("basis", "note")
_ASKED: Final = {
    "expected_mode": "mode",
    "expected_source": "source",
    "key_write": "key_write",
    "provision": "provision",
}


def read_mode_table(text: str) -> list[ModeCase]:
    """Raises Misfit with the line, the case and the column."""
    rows = csv.DictReader(StringIO(text, newline=""), strict=True)
    expected = _expected_columns(list(rows.fieldnames or ()))
    return list(_cases(rows, expected))


def _cases(rows: csv.DictReader[str], expected: Mapping[str, tuple[str, str]]) -> Iterator[ModeCase]:
    line = rows.line_num
    try:
        for row in rows:
            line = rows.line_num
            yield _case(row, expected, line)
    except csv.Error as error:
        raise Misfit(line + 1, f"no CSV: {error}") from None


def _case(row: dict[str, str], expected: Mapping[str, tuple[str, str]], line: int) -> ModeCase:
    with within(f"case {row['case']}"):
        if len(row) != len(_GIVEN) + len(_TOLD) + len(expected) or None in row.values():
            raise Misfit(line, "the row has not as many values as there are columns")
        for column, words in _WORDS.items():
            if row[column] not in words:
                raise Misfit(line, f"{column} is {row[column]!r}; it is one of {', '.join(words)}")
        return ModeCase(
            case_id=row["case"],
            title=row["note"],
            facts=facts_of(row),
            states={"override": row["override_state"], "org_default": row["org_default_state"]},
            has_registry=row["registry_state"] == "available",
            provider=row["expected_provider"],
            expected=_by_policy(row, expected),
        )


def _by_policy(row: Mapping[str, str], expected: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    by_policy: dict[str, dict[str, str]] = {}
    for column, (asked, policy) in expected.items():
        by_policy.setdefault(policy, {})[asked] = row[column]
    return by_policy


def _expected_columns(header: list[str]) -> dict[str, tuple[str, str]]:
    """What each further column expects, and under which policy. Every column is known, or the file is wrong."""
    missing = [column for column in (*_GIVEN, *_TOLD) if column not in header]
    if missing:
        raise Misfit(1, f"the table has no column {missing[0]}")
    if len(set(header)) != len(header):
        raise Misfit(1, "the table has a column twice")
    expected = {column: _expected_column(column) for column in header if column not in (*_GIVEN, *_TOLD)}
    if not expected:
        raise Misfit(1, "the table expects nothing under any policy")
    return expected


def _expected_column(column: str) -> tuple[str, str]:
    asked, _, policy = column.rpartition("_")
    if asked not in _ASKED or policy not in POLICIES:
        raise Misfit(1, f"the column {column} is not known; policies are {', '.join(POLICIES)}")
    return _ASKED[asked], policy
