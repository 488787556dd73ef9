"""Every rule of the ledger is proven by a test that says so: by ``rule("C7")``, or by the rules of a scenario case."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).parent.parent
RULES = [
    line.split(maxsplit=1)[0]
    for line in (Path(__file__).parent / "rules.txt").read_text().splitlines()
    if line[0] != "#"
]


def marked(source: str) -> Iterator[str]:
    """The ids in every ``rule("…")`` of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule":
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def of_cases(document: str) -> Iterator[str]:
    for case in yaml.safe_load(document).get("cases", ()):
        yield from case.get("rules", ())


@pytest.fixture(scope="module")
def proven() -> set[str]:
    modules = (marked(path.read_text()) for path in TESTS.rglob("test_*.py"))
    cases = (of_cases(path.read_text()) for path in TESTS.rglob("*.yaml"))
    return {rule for found in (*modules, *cases) for rule in found}


def test_no_rule_is_without_a_test(proven):
    assert [rule for rule in RULES if rule not in proven] == []


def test_a_marker_names_a_rule_or_the_answer_to_a_question_of_another_chapter(proven):
    assert {rule for rule in proven if rule[0] in "MAJCHUPLK"} <= set(RULES)


def test_a_module_without_markers_proves_nothing():
    assert set(marked("def test_it():\n    assert rule('C7')\n")) == set()
    assert set(marked("@pytest.mark.rule('C7')\ndef test_it(): ...\n")) == {"C7"}
