"""Reads the steps of a case: ``{CommandName: {field: value}}``, ``{parallel: [...]}``, ``{repeat: {times, step}}``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from usage_ledger.scenarios.reading.fields import count, record
from usage_ledger.scenarios.reading.misfit import Misfit, within
from usage_ledger.scenarios.reading.node import Node
from usage_ledger.scenarios.reading.vocabulary import COMMANDS
from usage_ledger.scenarios.steps import Command, Parallel, Repeated, Single, Step

TIMES_MAX: Final = 100_000
PARALLEL_MAX: Final = 64
ALONE: Final = ("AdvanceClock", "TamperLine")
"""Words that are done to the ledger and are no command of it."""

_NUMBER: Final = "{n}"
_repeat: Final = record({"times": count, "step": lambda node: node}, ("times", "step"))


def read_steps(node: Node, part: str) -> tuple[Step, ...]:
    """The steps of ``part`` (given, when) in order. Raises Misfit."""
    steps: list[Step] = []
    for number, each in enumerate(node.items(), start=1):
        place = f"{part} {number}"
        with within(place):
            steps.append(_read_step(each, place))
    return tuple(steps)


def _read_step(node: Node, place: str) -> Step:
    word, body = _one_word(node)
    if word == "parallel":
        with within(word):
            return Parallel(_read_parallel(body, place))
    if word == "repeat":
        with within(word):
            return Repeated(tuple(_read_repeat(body, place)))
    return Single(_read_command(word, body, place))


def _one_word(node: Node) -> tuple[str, Node]:
    members = node.members()
    if len(members) != 1:
        raise Misfit(node.line, f"a step is one command with its fields, found {', '.join(members) or 'none'}")
    return next(iter(members.items()))


def _read_parallel(node: Node, place: str) -> tuple[Command, ...]:
    commands = [
        command
        for number, each in enumerate(node.items(), start=1)
        for command in _read_at_once(each, f"{place}.{number}")
    ]
    if not 1 < len(commands) <= PARALLEL_MAX:
        raise Misfit(node.line, f"2 to {PARALLEL_MAX} commands can be parallel, found {len(commands)}")
    return tuple(commands)


def _read_at_once(node: Node, place: str) -> Iterable[Command]:
    step = _read_step(node, place)
    if isinstance(step, Parallel):
        raise Misfit(node.line, "parallel steps do not stand in parallel steps")
    for command in step.commands():
        if command.name in ALONE:
            raise Misfit(node.line, f"{command.name} is no command of the ledger: it stands alone")
        if command.at is not None:
            raise Misfit(node.line, "commands at once have no `at`: they share one instant")
        yield command


def _read_repeat(node: Node, place: str) -> Iterable[Command]:
    found = _repeat(node)
    if not 0 < found["times"] <= TIMES_MAX:
        raise Misfit(node.line, f"a step is repeated 1 to {TIMES_MAX:,} times")
    word, body = _one_word(found["step"])
    for number in range(1, found["times"] + 1):
        yield _read_command(word, _numbered(body, str(number)), f"{place}.{number}")


def _numbered(node: Node, number: str) -> Node:
    """The same with the number of the repetition where the file says {n}."""
    value: Any = node.value
    if isinstance(value, str):
        value = value.replace(_NUMBER, number)
    elif isinstance(value, dict):
        value = {name: _numbered(each, number) for name, each in node.members().items()}
    elif isinstance(value, list):
        value = [_numbered(each, number) for each in node.items()]
    return Node(value, node.line)


def _read_command(name: str, body: Node, place: str) -> Command:
    kind = COMMANDS.get(name)
    if kind is None:
        raise Misfit(body.line, f"{name}: no such command")
    with within(name):
        fields = kind(body)
    command_id = fields.pop("id", None)
    return Command(
        name=name,
        fields=fields,
        command_id=command_id or place.replace(" ", "-"),
        is_named=command_id is not None,
        source=fields.pop("source", "test"),
        at=fields.pop("at", None),
        place=place,
    )
