"""From the appender's thread to the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from usage_ledger.entrypoints.http.door import Door
from usage_ledger.submission import Outcome, Submission


async def outcome_of(door: Door, submission: Submission) -> Outcome:
    """Raises Overloaded, LedgerUnavailable, InvalidInput."""
    (outcome,) = await outcomes_of(door, [submission], items=1)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def outcomes_of(door: Door, submissions: Sequence[Submission], items: int) -> list[Outcome | BaseException]:
    """What became of each, or why it is unknown. Raises Overloaded: then nothing was accepted."""
    with door.in_flight.admitted(items):
        futures = door.appender.submit(submissions)
        # Shielded: a client that leaves must not cancel a command that the appender has in hand.
        waiting = [asyncio.shield(asyncio.wrap_future(future)) for future in futures]
        return await asyncio.gather(*waiting, return_exceptions=True)
