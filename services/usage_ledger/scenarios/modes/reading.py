"""A billing-mode table (CSV) to rows: under P3 and P4 with keys and provision, or under every policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from usage_ledger.scenarios.modes.mode_case import ModeCase
from usage_ledger.scenarios.modes.sources import facts_of
from usage_ledger.scenarios.reading.csv_table import Row, read_table
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
    table = read_table(text, "case", (*_GIVEN, *_TOLD))
    expected = _expected_columns(table.columns)
    return [_case(row, expected) for row in table.rows]


def _case(row: Row, expected: Mapping[str, tuple[str, str]]) -> ModeCase:
    cells = row.cells
    with within(f"case {cells['case']}"):
        row.require_words(_WORDS)
        return ModeCase(
            case_id=cells["case"],
            title=cells["note"],
            facts=facts_of(cells),
            states={"override": cells["override_state"], "org_default": cells["org_default_state"]},
            has_registry=cells["registry_state"] == "available",
            provider=cells["expected_provider"],
            expected=_by_policy(cells, expected),
        )


def _by_policy(row: Mapping[str, str], expected: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    by_policy: dict[str, dict[str, str]] = {}
    for column, (asked, policy) in expected.items():
        by_policy.setdefault(policy, {})[asked] = row[column]
    return by_policy


def _expected_columns(header: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What each further column expects, and under which policy. Every column is known, or the file is wrong."""
    expected = {column: _expected_column(column) for column in header if column not in (*_GIVEN, *_TOLD)}
    if not expected:
        raise Misfit(1, "the table expects nothing under any policy")
    return expected


def _expected_column(column: str) -> tuple[str, str]:
    asked, _, policy = column.rpartition("_")
    if asked not in _ASKED or policy not in POLICIES:
        raise Misfit(1, f"the column {column} is not known; policies are {', '.join(POLICIES)}")
    return _ASKED[asked], policy
