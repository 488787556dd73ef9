"""Holds everything that a case expects against what became of it; the first difference ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from usage_ledger.money import format_amount
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.difference import Difference, Unexpected, expect
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.judging.audit import audit
from usage_ledger.scenarios.judging.chart import balance_of, imbalance
from usage_ledger.scenarios.judging.event_terms import terms_of
from usage_ledger.scenarios.judging.queries import answer
from usage_ledger.scenarios.judging.streams import events_of
from usage_ledger.scenarios.result import Result
from usage_ledger.scenarios.worlds.world import Figures, World


class Judge:
    """Of one case that was played. ``events`` are those that ``when`` appended."""

    def __init__(self, world: World, cast: Cast, results: Sequence[Result], events: Sequence[PastEvent]) -> None:
        self._world = world
        self._cast = cast
        self._results = results
        self._events = events

    def judge(self, then: Mapping[str, Any]) -> None:
        """Raises Unexpected."""
        for name, judged in _JUDGED.items():
            if name in then:
                judged(self, then[name])
        if not then.get("unbalanced_store", False):
            self._balanced()

    def result(self, expected: Mapping[str, Any]) -> None:
        expect("when 1", expected, self._results[0])

    def results(self, expected: Sequence[Mapping[str, Any]]) -> None:
        for number, (each, result) in enumerate(zip(expected, self._results, strict=True), start=1):
            expect(f"when {number}", each, result)

    def events(self, expected: Mapping[str, Sequence[Any]]) -> None:
        for stream, several in expected.items():
            happened = events_of(stream, self._cast, self._events)
            for number, (each, event) in enumerate(zip(several, happened, strict=False), start=1):
                self._event(f"then events {stream} {number}", each, event)
            if len(several) != len(happened):
                names = [type(event.payload).__name__ for event in happened]
                raise Unexpected(Difference(f"then events {stream}", [_name_of(each) for each in several], names))

    def event_counts(self, expected: Mapping[str, Mapping[str, int]]) -> None:
        for stream, counts in expected.items():
            happened = Counter(type(event.payload).__name__ for event in events_of(stream, self._cast, self._events))
            every = dict.fromkeys((*counts, *happened), 0)
            expect(f"then event_counts {stream}", {**every, **counts}, {**every, **happened})

    def accounts(self, expected: Mapping[str, Mapping[str, Any]]) -> None:
        for label, listed in expected.items():
            figures = self._world.views.figures(self._cast.account(label))
            if figures is None:
                raise Unexpected(Difference(f"then accounts {label}", listed, "account_not_found"))
            expect(f"then accounts {label}", listed, self._figures(label, figures, listed.get("lots", {})))

    def gl(self, expected: Mapping[str, str]) -> None:
        for name, amount in expected.items():
            expect(f"then gl {name}", amount, balance_of(name, self._world.views, self._cast))

    def queries(self, expected: Sequence[Mapping[str, Any]]) -> None:
        for number, each in enumerate(expected, start=1):
            found = answer(each["query"], each["args"], self._world, self._cast)
            expect(f"then queries {number} {each['query']}", each["expect"], found)

    def _event(self, step: str, expected: Any, event: PastEvent) -> None:
        name = type(event.payload).__name__
        if _name_of(expected) != name:
            raise Unexpected(Difference(step, _name_of(expected), name))
        if isinstance(expected, dict):
            expect(f"{step} {name}", expected[name], terms_of(event.payload, self._cast))

    def _figures(self, label: str, figures: Figures, lots: Mapping[str, str]) -> Mapping[str, Any]:
        amounts = {
            name: format_amount(getattr(figures, name))
            for name in ("balance", "held", "available", "overdraft", "unbilled")
        }
        remaining = {name: figures.lots.get(self._cast.lot(label, name) or "", 0) for name in lots}
        shown = {name: format_amount(amount) for name, amount in remaining.items()}
        return {**amounts, "state": figures.state, "lots": shown}

    def _balanced(self) -> None:
        """Debits equal credits, and balances are the sums of the lines, whatever a case is about (J5)."""
        if differing := imbalance(self._world.views):
            raise Unexpected(Difference("then trial balance", {}, differing))
        found = audit(self._world)
        if not found["balanced"] or found["differences"]:
            raise Unexpected(Difference("then audit", {"balanced": True, "differences": []}, found))


def _name_of(expected: Any) -> str:
    return expected if isinstance(expected, str) else str(next(iter(expected)))


_JUDGED: Final[Mapping[str, Callable[[Judge, Any], None]]] = {
    "result": Judge.result,
    "results": Judge.results,
    "events": Judge.events,
    "event_counts": Judge.event_counts,
    "accounts": Judge.accounts,
    "gl": Judge.gl,
    "queries": Judge.queries,
}
"""In this order: what a command answered says more of a mistake than what it left behind."""
