"""From the appender's thread to the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

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
        await _until_done(futures)
    return [future.exception() or future.result() for future in futures]


async def _until_done(futures: Sequence[Future[Outcome]]) -> None:
    """One wake-up of the loop a future, and no cancelling: what the appender has in hand is not this caller's to stop.

    asyncio's own bridge (wrap, shield, gather) would cost more than everything else that a request does here.
    """
    loop = asyncio.get_running_loop()
    all_done = loop.create_future()
    waiting = len(futures)

    def arrive() -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting and not all_done.done():
            all_done.set_result(None)

    for future in futures:
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(arrive))
    await all_done
