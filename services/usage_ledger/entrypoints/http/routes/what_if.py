"""``POST /v1/what-if/billing-mode``: who would pay if a policy, a registry or facts were others (billing-mode 13, 5).

A question, although it has a body: it changes nothing, and asked twice it answers twice.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import psycopg
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from usage_ledger.adapters.postgres.what_if_run import FlipFound, WhatIfRun
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.authentication import Caller
from usage_ledger.entrypoints.http.bodies import decode, read_json
from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.problems import ledger_unavailable
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import BODY_REFUSALS, NDJSON, READ_REFUSALS, Route
from usage_ledger.entrypoints.http.what_if_answer import (
    LINES,
    FlipAnswer,
    ProblemLine,
    WhatIfAnswer,
    answer_line,
    flip_answer,
    flip_line,
    progress_line,
    what_if_answer,
)
from usage_ledger.entrypoints.http.what_if_question import WhatIfBody, question_of
from usage_ledger.streams import PLATFORM

FLIPS_MAX: Final = 1_000
"""In the JSON answer; NDJSON has no end but the last flip."""

_decoder: Final = msgspec.json.Decoder(WhatIfBody)


async def what_if(request: Request) -> Response:
    """A tenant's workspaces; those of the deployment for an admin of the platform that names no tenant."""
    reading = await begin_reading(request, "what_if")
    reading.caller.require_reach()
    door = reading.door
    body = decode(await read_json(request, door.body_max_bytes), _decoder)
    tenant = None if _is_of_all(request, reading.caller) else reading.tenant
    shards = [reading.shard] if tenant is not None else range(door.shards)
    run = await door.what_ifs.begin(shards, question_of(body, tenant))
    if NDJSON in request.headers.get("accept", ""):
        return _Lines(request, door, run)
    return await _whole(request, door, run)


def _is_of_all(request: Request, caller: Caller) -> bool:
    return caller.is_admin and caller.tenant == PLATFORM and "x-tenant" not in request.headers


async def _whole(request: Request, door: Door, run: WhatIfRun) -> Response:
    flips: list[FlipAnswer] = []
    try:
        while (part := await _next_part(request, run)) is not None:
            flips += map(flip_answer, part[: FLIPS_MAX - len(flips)])
    finally:
        await door.what_ifs.end(run)
    return json_response(encode(what_if_answer(run, flips)))


async def _next_part(request: Request, run: WhatIfRun) -> list[FlipFound] | None:
    """None when it is over, also because nobody waits for it any more."""
    if await request.is_disconnected():
        return None
    return await asyncio.to_thread(run.next_part)


class _Lines(Response):
    """Every flip as it is found, and how far it is after each part; written as fast as the client reads."""

    def __init__(self, request: Request, door: Door, run: WhatIfRun) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._request = request
        self._door = door
        self._run = run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            last = await self._send_parts(send)
        finally:
            await self._door.what_ifs.end(self._run)
        # Whoever has read the last line may ask the next question: it is its turn.
        await send({"type": "http.response.body", "body": _line(last), "more_body": False})

    async def _send_parts(self, send: Send) -> msgspec.Struct:
        """Answers the last line. What fails after the first one cannot be told by a status."""
        try:
            while (part := await _next_part(self._request, self._run)) is not None:
                lines = [*map(flip_line, part), progress_line(self._run)]
                await send({"type": "http.response.body", "body": b"".join(map(_line, lines)), "more_body": True})
        except psycopg.Error:
            problem = ledger_unavailable()
            return ProblemLine(problem.code, problem.detail)
        return answer_line(self._run)


def _line(line: msgspec.Struct) -> bytes:
    return encode(line) + b"\n"


ROUTE: Final = Route(
    method="POST",
    path="/v1/what-if/billing-mode",
    name="AskWhatIf",
    tag="workspaces",
    summary="Whose mode would be another one, by another policy, registry or facts; nothing is changed",
    handle=what_if,
    answers=(WhatIfAnswer,),
    refusals=(
        *dict.fromkeys((*READ_REFUSALS, *BODY_REFUSALS)),
        "unknown_policy",
        "invalid_billing_mode",
        "invalid_registry",
        "registry_not_found",
        "workspace_not_found",
    ),
    body=WhatIfBody,
    lines=LINES,
)
