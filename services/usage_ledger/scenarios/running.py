"""Runs cases: each in worlds of its own, in every order of its parallel steps, until it fails or has passed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from usage_ledger.scenarios.difference import Difference, Unexpected
from usage_ledger.scenarios.judging.judge import Judge
from usage_ledger.scenarios.mode_scenarios.playing import play_mode_scenario
from usage_ledger.scenarios.mode_scenarios.scenario import ModeScenario
from usage_ledger.scenarios.modes.judging import judge
from usage_ledger.scenarios.modes.mode_case import ModeCase
from usage_ledger.scenarios.modes.registry_changes import ChangeCase, judge_change
from usage_ledger.scenarios.orders import Orders, orders_of
from usage_ledger.scenarios.playing import LONG_BEFORE_MICROS, Playing
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.steps import Case, Parallel
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.world import Place

AnyCase = Case | ModeScenario | ModeCase | ChangeCase
"""What a file can hold: cases and mode scenarios that are played, rows that are asked, changes that move payers."""


class Verdict(msgspec.Struct, frozen=True):
    """A case and its first difference; None: it passed."""

    case: AnyCase
    difference: Difference | None


def run_case(case: AnyCase, place: Place, *, with_threads: bool) -> Verdict:
    """Raises ScenarioInvalid for a mistake that only shows when the case is played.

    Only what is played needs a place; the others ask a pure function.
    """
    if isinstance(case, ModeCase):
        return Verdict(case, judge(case))
    if isinstance(case, ChangeCase):
        return Verdict(case, judge_change(case))
    if isinstance(case, ModeScenario):
        return Verdict(case, play_mode_scenario(case, place))
    return _play(case, place, with_threads=with_threads)


def _play(case: Case, place: Place, *, with_threads: bool) -> Verdict:
    try:
        for orders in _attempts(case, with_threads=with_threads):
            _run_once(case, place, orders)
    except Unexpected as unexpected:
        return Verdict(case, unexpected.difference)
    except ScenarioInvalid as invalid:
        raise ScenarioInvalid(f"{case.file}: case {case.case_id}, {invalid}") from None
    return Verdict(case, None)


def _attempts(case: Case, *, with_threads: bool) -> Iterator[Orders | None]:
    """None stands for threads."""
    yield from orders_of(case)
    if with_threads and any(isinstance(step, Parallel) for step in (*case.given, *case.when)):
        yield None


def _run_once(case: Case, place: Place, orders: Orders | None) -> None:
    with place(VirtualClock(case.clock - LONG_BEFORE_MICROS)) as world:
        playing = Playing(case, world, orders)
        playing.given()
        already = len(world.ledger.history.events)
        results = playing.when()
        world.views.catch_up()
        Judge(world, playing.cast, results, world.ledger.history.events[already:]).judge(case.then)
