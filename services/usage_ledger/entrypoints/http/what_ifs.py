"""What-ifs over all workspaces: one at a time a process, on threads of their own, beside everything else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Final

from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.postgres.what_if_run import WhatIfQuestion, WhatIfRun
from usage_ledger.entrypoints.http.problems import Problem

REST_SHARE: Final = 1.0
"""For each second of CPU time a second of rest, in which whoever shares the process goes on unhindered."""

_RETRY_AFTER_S: Final = 10


class WhatIfs:
    """Lives on one event loop."""

    def __init__(self, dsn: str, clock: Clock) -> None:
        self._dsn = dsn
        self._clock = clock
        self._turn = threading.Lock()

    async def begin(self, shards: Sequence[int], question: WhatIfQuestion) -> WhatIfRun:
        """Whoever begins one ends it. Raises Problem ``overloaded``, Refusal, psycopg.OperationalError."""
        if not self._turn.acquire(blocking=False):
            raise Problem(
                "overloaded",
                "another what-if is under way here; ask again when it is over",
                headers={"Retry-After": str(_RETRY_AFTER_S)},
            )
        try:
            return await asyncio.to_thread(WhatIfRun, self._dsn, shards, question, self._clock.now, REST_SHARE)
        except BaseException:
            self._turn.release()
            raise

    async def end(self, run: WhatIfRun) -> None:
        """Also when the caller is being cancelled: then it ends as soon as its thread does."""
        await asyncio.shield(asyncio.to_thread(self._end, run))

    def _end(self, run: WhatIfRun) -> None:
        try:
            run.close()
        finally:
            self._turn.release()
