"""One place derives and everything else asks it; and what is written about the rules is what the rules are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from usage_ledger.workspaces.billing_mode import POLICY
from usage_ledger.workspaces.resolver.policies import POLICIES

ROOT = Path(__file__).parents[4]
WORKSPACES = ROOT / "services" / "usage_ledger" / "workspaces"
# The tables and the registry changes ask for the provider alone, which does not depend on a policy.
MAY_DERIVE = {
    "services/usage_ledger/workspaces/resolver/resolve.py",
    "services/usage_ledger/workspaces/resolver/key_write.py",
    "services/usage_ledger/scenarios/modes/judging.py",
    "services/usage_ledger/scenarios/modes/registry_changes.py",
}


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def imports_of(source: str, name: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names)
        for node in ast.walk(ast.parse(source))
    )


@pytest.mark.rule("billing-mode-15.20")
def test_nobody_derives_a_provider_but_the_resolver():
    deriving = {path for path, source in sources("services", "projections", "schemas") if imports_of(source, "derive")}
    assert deriving == MAY_DERIVE


@pytest.mark.rule("billing-mode-15.20")
def test_the_read_side_knows_no_registry_and_no_rung():
    words = ("closed_provider", "auth_names", "usage_ledger.workspaces")
    assert [path for path, source in sources("projections") if any(word in source for word in words)] == []


def described() -> dict[str, list[str]]:
    """The table of policies of the README, a row each, without the remark after the name."""
    rows = [line.strip("|").split("|") for line in (WORKSPACES / "README.md").read_text().splitlines()]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) == 5]
    return {row[0].split(",")[0]: row for row in cells if row[0].split(",")[0] in POLICIES}


@pytest.mark.rule("billing-mode-15.19")
@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_the_table_of_policies_describes_the_rules_as_they_are(policy):
    reads_choices = {"workspace_override", "org_default"} & {*policy.rungs}
    name, *told = described()[policy.name]
    assert told == [
        ", ".join(policy.rungs),
        f"{policy.last_rung}, {policy.last_source}",
        policy.on_unreadable if reads_choices else "never read",
        policy.guard,
    ]
    assert ("in force where none was activated" in name) == (policy.name == POLICY)
    assert ("needs a key" in name) == policy.needs_key_on_proxy


@pytest.mark.rule("billing-mode-15.19")
def test_the_table_names_every_policy_once():
    assert list(described()) == list(POLICIES)
