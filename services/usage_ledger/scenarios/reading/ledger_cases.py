"""The format ``ledger-cases/1``: fixtures and cases about accounts, in YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from usage_ledger.scenarios.reading.expectations import read_expectations
from usage_ledger.scenarios.reading.fields import anything, label, many, record, text, time
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.scenarios.reading.node import Node
from usage_ledger.scenarios.reading.step_reader import read_steps
from usage_ledger.scenarios.steps import Case, Step

FORMAT: Final = "ledger-cases/1"


def _unread(node: Node) -> Node:
    return node


_file: Final = record(
    {"format": text, "vocabulary": anything, "fixtures": _unread, "cases": _unread}, ("format", "cases")
)
_fixtures: Final = record({"clock": time, "commands": _unread})
_case: Final = record(
    {
        "id": label,
        "title": text,
        "rules": many(label),
        "origin": text,
        "clock": time,
        "given": _unread,
        "when": _unread,
        "then": _unread,
    },
    ("id", "title", "when", "then"),
)


def read_ledger_cases(root: Node, file: str) -> list[Case]:
    """The cases of a file in their order. Raises Misfit."""
    members = _file(root)
    with within("fixtures"):
        fixtures: dict[str, Any] = _fixtures(members["fixtures"]) if "fixtures" in members else {}
    clock = fixtures.get("clock")
    commands = read_steps(fixtures["commands"], "fixtures") if "commands" in fixtures else ()
    cases = [_read_case(node, file, clock, commands) for node in members["cases"].items()]
    _require_different_ids(root.line, cases)
    return cases


def _read_case(node: Node, file: str, clock: int | None, fixtures: tuple[Step, ...]) -> Case:
    with within(f"case {_name_of(node)}"):
        members = _case(node)
        starts = members.get("clock", clock)
        if starts is None:
            raise Misfit(node.line, "the case has no clock, and the fixtures have none")
        given = read_steps(members["given"], "given") if "given" in members else ()
        when = read_steps(members["when"], "when")
        _require_time_goes_on(node.line, starts, (*fixtures, *given, *when))
        return Case(
            case_id=members["id"],
            title=members["title"],
            rules=tuple(members.get("rules", ())),
            clock=starts,
            fixtures=fixtures,
            given=given,
            when=when,
            then=read_expectations(members["then"], len(when)),
            file=file,
        )


def _name_of(node: Node) -> str:
    found: Mapping[str, Node] = node.members()
    return str(found["id"].value) if "id" in found else f"on line {node.line}"


def _require_time_goes_on(line: int, clock: int, steps: Iterable[Step]) -> None:
    for step in steps:
        for command in step.commands():
            moves_to = command.fields["to"] if command.name == "AdvanceClock" else command.at
            if moves_to is None:
                continue
            if moves_to < clock:
                with within(command.place), within(command.name):
                    raise Misfit(line, "the clock never moves back")
            clock = moves_to


def _require_different_ids(line: int, cases: Iterable[Case]) -> None:
    met: set[str] = set()
    for case in cases:
        if case.case_id in met:
            raise Misfit(line, f"two cases have the id {case.case_id}")
        met.add(case.case_id)
