"""One what-if over all workspaces: a connection, a snapshot, and a part of the answer at a time (billing-mode 13).

It works on whichever thread asks for the next part, and rests between pages, so that who shares the process with it is
answered meanwhile. Nothing is recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from time import monotonic, sleep, thread_time
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg import IsolationLevel

from usage_ledger.adapters.postgres.workspace_survey import Standing, WorkspaceSurvey
from usage_ledger.governance.governance import registry_of
from usage_ledger.refusals import Refusal
from usage_ledger.workspaces.hypothesis import Hypothesis, Rehearsed
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.what_if import WhatIf, WhatIfSummary

_PAGE_WORKSPACES: Final = 25
"""Worked through without a rest: a few milliseconds, which is how long Python's threads make each other wait anyway."""

_PART_S: Final = 0.25
_PART_FLIPS: Final = 1_000


class WhatIfQuestion(NamedTuple):
    """``tenant`` None is the whole deployment. A registry may be named by the label that it was published under."""

    tenant: str | None
    hypothesis: Hypothesis
    registry_label: str | None = None


class FlipFound(NamedTuple):
    """A workspace whose mode would be another one."""

    tenant: str
    workspace_id: str
    answer: WhatIf


class WhatIfRun:
    """``expected`` workspaces were there when it began; ``rest_share`` seconds of rest follow each of CPU time.

    Its functions may be called from several threads, one after the other.
    """

    def __init__(
        self,
        dsn: str,
        shards: Sequence[int],
        question: WhatIfQuestion,
        now: Callable[[], int],
        rest_share: float,
    ) -> None:
        """Raises psycopg.OperationalError, ``Refusal``: ``registry_not_found``, ``workspace_not_found``."""
        self._busy = threading.Lock()
        self._rest_share = rest_share
        self._connection = _snapshot(dsn)
        self.summary = WhatIfSummary()
        try:
            self._survey = WorkspaceSurvey(self._connection, shards, question.tenant)
            self._workspaces = self._begin(question, now)
        except BaseException:
            self._connection.close()
            raise

    @property
    def unreadable(self) -> int:
        """Workspaces passed over because of an event that cannot be decoded."""
        return self._survey.unreadable

    def next_part(self) -> list[FlipFound] | None:
        """The flips of the next workspaces, perhaps none; None when all have been asked about."""
        with self._busy:
            found: list[FlipFound] = []
            until = monotonic() + _PART_S
            while monotonic() < until and len(found) < _PART_FLIPS:
                began = thread_time()
                page = list(islice(self._workspaces, _PAGE_WORKSPACES))
                if not page:
                    return found or None
                found += self._ask(page)
                sleep((thread_time() - began) * self._rest_share)
            return found

    def close(self) -> None:
        """Waits for the part that is being worked on."""
        with self._busy:
            self._connection.close()

    def _begin(self, question: WhatIfQuestion, now: Callable[[], int]) -> Iterator[ModeSources]:
        survey = self._survey
        self.standings: list[Standing] = survey.standings()
        self.instant = max(now(), *(standing.recorded_at for standing in self.standings))
        unknown = survey.unknown(question.hypothesis.workspaces)
        if unknown:
            raise Refusal("workspace_not_found", f"workspace {unknown[0]} is not registered")
        self._rehearsed = Rehearsed(_with_registry(question, survey), self.instant)
        self.expected = survey.count()
        return survey.workspaces()

    def _ask(self, page: list[ModeSources]) -> Iterator[FlipFound]:
        for sources in page:
            answer = self._rehearsed.ask(sources)
            self.summary.add(answer)
            if answer.flip is not None:
                yield FlipFound(sources.tenant, sources.workspace_id, answer)


def _with_registry(question: WhatIfQuestion, survey: WorkspaceSurvey) -> Hypothesis:
    if question.registry_label is None:
        return question.hypothesis
    published = survey.governance.published.get(question.registry_label)
    if published is None:
        raise Refusal("registry_not_found", f"no registry was published as {question.registry_label}")
    return msgspec.structs.replace(question.hypothesis, registry=registry_of(published))


def _snapshot(dsn: str) -> psycopg.Connection[Any]:
    """Of the whole answer: it may take longer than a statement may, and each of its statements is short."""
    connection = psycopg.connect(dsn, connect_timeout=3, application_name="usage-ledger what-if")
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection
