"""The real appender over a store, under a virtual clock, with everything that follows from a fact done at once.

No process runs beside it: the reactor's reactions and the scheduler's due changes are asked for when a step is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.reacting.reactions import REACTIONS, reactions
from usage_ledger.reacting.unsettled import Unsettled
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import History, PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.store import LedgerStore
from usage_ledger.submission import Outcome, Submission


class RehearsedLedger:
    """One ledger, from its first event on. ``process_store`` is where the processes append, by their own login."""

    def __init__(
        self, store: LedgerStore, process_store: LedgerStore, unsettled: Unsettled, clock: VirtualClock
    ) -> None:
        self.store = store
        self.clock = clock
        self.history = History(store)
        self._unsettled = unsettled
        self._appender = Appender(store, clock, HANDLERS)
        self._processes = Appender(process_store, clock, PROCESS_HANDLERS)

    def submit(self, submission: Submission) -> Outcome | InvalidInput:
        """Decide one command. Raises LedgerUnavailable."""
        (outcome,) = self._appender.append([submission])
        return outcome

    def settle(self) -> list[PastEvent]:
        """Do whatever follows from the new facts, and from what that brings, until nothing does (U12).

        Answers everything that was recorded since the last time.
        """
        already = len(self.history.events)
        while new := self.history.follow():
            for event in new:
                if type(event.payload) in REACTIONS:
                    for submissions in reactions(event.envelope, event.payload, self._unsettled):
                        self._append(submissions)
        return self.history.events[already:]

    def _append(self, submissions: Sequence[Submission]) -> None:
        for outcome in self._processes.append(submissions):
            if isinstance(outcome, InvalidInput):
                raise outcome
