"""The real appender over a store, under a virtual clock, with everything that follows from a fact done at once.

No process runs beside it: the reactor's reactions and the scheduler's due changes are asked for when a step is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.reacting.reactions import REACTIONS, reactions
from usage_ledger.reacting.unsettled import Unsettled
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import History, PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scheduling.due_accounts import DueAccounts
from usage_ledger.scheduling.due_commands import due_command
from usage_ledger.store import LedgerStore
from usage_ledger.submission import Outcome, Submission
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt, stored_facts
from usage_ledger.workspaces.resolver.fact_reader import FactReaders


class Processes(NamedTuple):
    """What the ledger's processes have in their hands: stores by their own logins, and what they look for."""

    reactor: LedgerStore
    scheduler: LedgerStore
    unsettled: Unsettled
    due_accounts: DueAccounts


class StillDue(Exception):
    """What was due was done and is due as before: a defect of ours, which would never end."""


class RehearsedLedger:
    """One ledger, from its first event on. ``fact_readers`` may be replaced, to see what a source that fails does."""

    def __init__(self, store: LedgerStore, processes: Processes, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self.history = History(store)
        self.fact_readers: ReadersAt = stored_facts
        self._unsettled = processes.unsettled
        self._due_accounts = processes.due_accounts
        self._appender = Appender(store, clock, HANDLERS, fact_readers=self._readers)
        self._reactor = Appender(processes.reactor, clock, PROCESS_HANDLERS, fact_readers=self._readers)
        self._scheduler = Appender(processes.scheduler, clock, PROCESS_HANDLERS, fact_readers=self._readers)

    def submit(self, submission: Submission) -> Outcome | InvalidInput:
        """Decide one command. Raises LedgerUnavailable."""
        (outcome,) = self._appender.append([submission])
        return outcome

    def _readers(self, sources: ModeSources, instant: int) -> FactReaders:
        return self.fact_readers(sources, instant)

    def settle(self) -> list[PastEvent]:
        """Do whatever follows from the new facts, and from what that brings, until nothing does (U12).

        Answers everything that was recorded since the last time.
        """
        already = len(self.history.events)
        while new := self.history.follow():
            for event in new:
                if type(event.payload) in REACTIONS:
                    for submissions in reactions(event.envelope, event.payload, self._unsettled):
                        _append(self._reactor, submissions)
        return self.history.events[already:]

    def do_what_is_due(self) -> None:
        """What the scheduler does for accounts that nobody asks for, the oldest first (C6). Raises StillDue."""
        shards, done = range(self.store.shard_count), None
        while due := self._due_accounts.due(shards, self.clock.now(), limit=1):
            if due[0] == done:
                raise StillDue(done)
            _append(self._scheduler, [due_command(done := due[0])])


def _append(appender: Appender, submissions: Sequence[Submission]) -> None:
    for outcome in appender.append(submissions):
        if isinstance(outcome, InvalidInput):
            raise outcome
