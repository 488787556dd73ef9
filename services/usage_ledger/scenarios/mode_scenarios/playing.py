"""Plays a scenario: the state before, and then step by step the command, its result, and what is answered after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from usage_ledger.recorded_event import Actor
from usage_ledger.scenarios.difference import Difference, Unexpected, expect
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.mode_scenarios.answering import (
    Told,
    of_resolver,
    of_result,
    of_run,
    of_view,
    stored_by_refused,
)
from usage_ledger.scenarios.mode_scenarios.building import commands_to
from usage_ledger.scenarios.mode_scenarios.replaying import sources_in, state_of
from usage_ledger.scenarios.mode_scenarios.scenario import TENANT, WORKSPACE, ModeScenario, ModeStep, State
from usage_ledger.scenarios.mode_scenarios.unreadable import readers_without
from usage_ledger.scenarios.result import ACCEPTED, Result, result_of
from usage_ledger.scenarios.translating.asked import Asked
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.world import Place, World
from usage_ledger.submission import Submission
from usage_ledger.workspaces.commands import DecideProvision
from usage_ledger.workspaces.mode_sources import stored_facts

_BEGINNING: Final = 1_781_222_400_000_000
"""2026-06-12T00:00:00Z, the date of the registry version that all tables are about; microseconds UTC."""

_MINUTE: Final = 60_000_000
_ACTOR: Final = Actor("operator", "scenario")


def play_mode_scenario(scenario: ModeScenario, place: Place) -> Difference | None:
    """The first difference; None: it holds."""
    with place(VirtualClock(_BEGINNING)) as world:
        playing = _Playing(world)
        try:
            playing.given(scenario.steps[0])
            for number, step in enumerate(scenario.steps, start=1):
                playing.step(f"step {number}", step)
        except Unexpected as unexpected:
            return unexpected.difference
    return None


class _Playing:
    """One scenario in one world; every command is a minute after the one before it."""

    def __init__(self, world: World) -> None:
        self._views = world.views
        self._ledger = world.ledger
        self._commands = 0

    def given(self, first: ModeStep) -> None:
        for asked in commands_to(first.before):
            result, _ = self._submit(asked)
            expect(f"given {type(asked.command).__name__}", dict(ACCEPTED), result)

    def step(self, place: str, step: ModeStep) -> None:
        """What earlier steps left is what this one says that it finds."""
        found = state_of(sources_in(self._ledger.history), self._ledger.clock.now())
        expect(f"{place} before", _compared(step.before, step), _compared(found, step))
        self._ledger.fact_readers = readers_without(step.unreadable)
        result, events = self._submit(step.command)
        self._expect(place, step, of_result(result))
        expect(f"{place} stored by a refused command", [], stored_by_refused(result, events))
        self._after(place, step)
        self._ledger.fact_readers = stored_facts

    def _after(self, place: str, step: ModeStep) -> None:
        """The resolver asked of what the events say, the read side, and the run, made of what the appender has.

        The read side tells what was said when the workspace's sources could be read.
        """
        ledger = self._ledger
        resolved = of_resolver(sources_in(ledger.history), ledger.clock.now(), ledger.fact_readers)
        self._expect(place, step, resolved)
        if not step.unreadable:
            self._views.catch_up()
            self._expect(f"{place} view", step, of_view(self._views.billed_as(TENANT, WORKSPACE)))
        _, events = self._submit(Asked(TENANT, DecideProvision(WORKSPACE, place.replace(" ", "-"))))
        self._expect(f"{place} run", step, of_run(events))

    def _expect(self, place: str, step: ModeStep, told: Told) -> None:
        expect(place, {name: step.expected[name] for name in told}, told)

    def _submit(self, asked: Asked) -> tuple[Result, Sequence[PastEvent]]:
        """The result, and what the command and all that follows from it recorded."""
        self._commands += 1
        ledger, command_id = self._ledger, f"command-{self._commands}"
        ledger.clock.move_to(ledger.clock.now() + _MINUTE)
        outcome = ledger.submit(
            Submission(asked.command, asked.tenant, "scenario", command_id, _ACTOR, command_id, request_hash=bytes(16))
        )
        return result_of(outcome), ledger.settle()


def _compared(state: State, step: ModeStep) -> dict[str, Any]:
    """A model that cannot be read is not told."""
    told = msgspec.to_builtins(state)
    return {**told, "model": None} if "model" in step.unreadable else told
