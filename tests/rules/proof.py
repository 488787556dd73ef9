"""Which rules the test suite says it proves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

HERE = Path(__file__).parent
TESTS = HERE.parent


def ids_in(name: str) -> list[str]:
    """The ids of a list of rules, a line each; ``#`` begins a remark."""
    lines = (HERE / name).read_text().splitlines()
    return [line.split(maxsplit=1)[0] for line in lines if line[0] != "#"]


def marked(source: str) -> Iterator[str]:
    """The ids in every ``rule("…")`` of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule":
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def of_cases(document: str) -> Iterator[str]:
    for case in yaml.safe_load(document).get("cases", ()):
        yield from case.get("rules", ())


@cache
def proven() -> frozenset[str]:
    """Every id that a test is marked with or that a scenario case names."""
    modules = (marked(path.read_text()) for path in TESTS.rglob("test_*.py"))
    cases = (of_cases(path.read_text()) for path in TESTS.rglob("*.yaml"))
    return frozenset(rule for found in (*modules, *cases) for rule in found)
