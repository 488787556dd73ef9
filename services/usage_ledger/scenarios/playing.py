"""Plays a case: everything that is given, then its steps, and after each one what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from usage_ledger.deployment.commands import WireProxy
from usage_ledger.money import parse_amount
from usage_ledger.recorded_event import Actor
from usage_ledger.scenarios.admission import refusal_at_door
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.difference import Difference, Unexpected
from usage_ledger.scenarios.orders import Order, Orders
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.result import ACCEPTED, Result, count, result_of
from usage_ledger.scenarios.steps import Case, Command, Parallel, Single, Step
from usage_ledger.scenarios.tampering import NoSuchEntry, tamper
from usage_ledger.scenarios.translating.asked import Asked, Telling
from usage_ledger.scenarios.translating.table import TRANSLATIONS
from usage_ledger.scenarios.translating.workspaces import modes_of, workspaces
from usage_ledger.scenarios.worlds.world import World
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Submission

LONG_BEFORE_MICROS: Final = 400 * 86_400_000_000
"""Accounts that are given were there this long before the case: usage may be as old as the ledger takes it."""

_ACTOR: Final = Actor("operator", "scenario")
_canonical: Final = msgspec.json.Encoder(order="sorted").encode


class Playing:
    """One case in one world. ``orders`` are those of its parallel steps; None means: on threads, in any order."""

    def __init__(self, case: Case, world: World, orders: Orders | None) -> None:
        self._case = case
        self._world = world
        self._orders: Iterator[Order] | None = None if orders is None else iter(orders)
        commands = tuple(_commands((*case.fixtures, *case.given, *case.when)))
        self.cast = Cast(commands)
        self._modes = modes_of(commands)

    def given(self) -> None:
        """Everything must be accepted. Raises Unexpected, ScenarioInvalid."""
        steps = (*self._case.fixtures, *self._case.given)
        before = [step for step in steps if _is_opening(step)]
        self._submit_accepted("given", Asked(PLATFORM, WireProxy()), "proxy")
        for step in before:
            self._require_accepted(step)
        self._world.ledger.clock.move_to(self._case.clock)
        for step in steps:
            if step not in before:
                self._require_accepted(step)

    def when(self) -> list[Result]:
        """A result a step; of parallel and repeated ones the counts. Raises ScenarioInvalid."""
        return [self._play(step) for step in self._case.when]

    def _require_accepted(self, step: Step) -> None:
        for command, result in self._results(step):
            if result["outcome"] != "accepted":
                raise Unexpected(Difference(f"{command.place}, {command.name}", ACCEPTED, _without_answer(result)))

    def _play(self, step: Step) -> Result:
        results = [result for _, result in self._results(step)]
        return results[0] if isinstance(step, Single) else count(results)

    def _results(self, step: Step) -> list[tuple[Command, Result]]:
        """Commands with their results; what follows from them is done before the next step."""
        performed = self._perform(step)
        self.cast.follow(self._world.ledger.settle())
        for command, result in performed:
            if command.name == "OpenAccount" and result["outcome"] == "accepted":
                self._make_workspaces(command)
        return performed

    def _perform(self, step: Step) -> list[tuple[Command, Result]]:
        if not isinstance(step, Parallel):
            return [(command, self._do(command)) for command in step.commands()]
        if self._orders is None:
            return self._perform_at_once(step.several)
        return [(command, self._do(command)) for command in map(step.several.__getitem__, next(self._orders))]

    def _do(self, command: Command) -> Result:
        if command.at is not None:
            self._world.ledger.clock.move_to(command.at)
        match command.name:
            case "AdvanceClock":
                return self._advance_clock(command)
            case "TamperLine":
                return self._tamper_line(command)
            case _:
                return self._submit(command)

    def _submit(self, command: Command) -> Result:
        refused = refusal_at_door(command, self.cast, self._world)
        if refused is not None:
            return refused
        return result_of(self._world.ledger.submit(self._submission(command, self._translate(command))))

    def _perform_at_once(self, commands: Sequence[Command]) -> list[tuple[Command, Result]]:
        refusals = [refusal_at_door(command, self.cast, self._world) for command in commands]
        passed = [command for command, refusal in zip(commands, refusals, strict=True) if refusal is None]
        submissions = [self._submission(command, self._translate(command)) for command in passed]
        outcomes = iter(self._world.submit_at_once(submissions) if submissions else ())
        results = [refusal or result_of(next(outcomes)) for refusal in refusals]
        return list(zip(commands, results, strict=True))

    def _make_workspaces(self, command: Command) -> None:
        account = self.cast.account(command.fields["account"])
        for number, asked in enumerate(workspaces(account, self._modes), start=1):
            self._submit_accepted(command.place, asked, f"{command.command_id}-workspace-{number}")

    def _submit_accepted(self, place: str, asked: Asked, command_id: str) -> None:
        command = Command(type(asked.command).__name__, {}, command_id, False, "scenario", None, place)
        result = result_of(self._world.ledger.submit(self._submission(command, asked)))
        if result["outcome"] != "accepted":
            raise Unexpected(Difference(f"{place}, {command.name}", ACCEPTED, _without_answer(result)))

    def _translate(self, command: Command) -> Asked:
        return TRANSLATIONS[command.name](Telling(command, self.cast, self._world.ledger.clock.now()))

    def _submission(self, command: Command, asked: Asked) -> Submission:
        return Submission(
            command=asked.command,
            tenant=asked.tenant,
            source=command.source,
            command_id=command.command_id,
            actor=_ACTOR,
            correlation_id=command.command_id,
            request_hash=_request_hash(command) if asked.has_identity else None,
        )

    def _advance_clock(self, command: Command) -> Result:
        self._world.ledger.clock.move_to(command.fields["to"])
        self._world.ledger.do_what_is_due()
        return ACCEPTED

    def _tamper_line(self, command: Command) -> Result:
        fields = command.fields
        try:
            tamper(self._world, fields["entry_of"], int(fields["code"]), parse_amount(fields["amount"]))
        except NoSuchEntry:
            raise ScenarioInvalid(f"{command.place}, {command.name}: no entry of {fields['entry_of']}") from None
        return ACCEPTED


def _is_opening(step: Step) -> bool:
    return isinstance(step, Single) and step.command.name == "OpenAccount" and step.command.at is None


def _commands(steps: Iterable[Step]) -> Iterator[Command]:
    for step in steps:
        yield from step.commands()


def _request_hash(command: Command) -> bytes:
    """Equal for equal requests (U1): the id, the source and the time are not part of them."""
    return blake2b(_canonical([command.name, command.fields]), digest_size=16).digest()


def _without_answer(result: Result) -> Result:
    return {name: result[name] for name in ("outcome", "code", "detail") if name in result}
