"""``GET /v1/dead-letters``: records of commands that the Kafka door could not take, newest first, for operators."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.dead_letters import KeptLetter, list_dead_letters
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.view_reading import PAGE, limit_of
from usage_ledger_views.reading.page import clamp, cursor_after, cut, key_of

QUERY: Final = (
    *PAGE,
    Query(
        "head",
        "`true`: with the first 4 KB of each record, in base64; they may hold anything, secrets too",
        {"type": "string", "enum": ["true", "false"]},
    ),
)

_FROM_THE_NEWEST: Final = 2**63 - 1


class DeadLetterAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``digest`` is the SHA-256 of the whole record value, ``size`` counts its bytes, ``head`` is base64."""

    topic: str
    partition: int
    offset: int
    reason: str
    size: int
    digest: str
    received_at: str
    head: str | None = None


class DeadLettersAnswer(msgspec.Struct, frozen=True):
    """``next`` is null on the last page. A dead letter is in no tenant's shard, so there is no ``as_of``."""

    items: list[DeadLetterAnswer]
    next: str | None


async def dead_letters(request: Request) -> Response:
    reading = await begin_reading(request, "dead_letters", QUERY)
    with_head = _with_head(reading)
    limit, after = clamp(limit_of(reading)), reading.query("after")
    before = _FROM_THE_NEWEST if after is None else key_of(after, int)
    async with reading.snapshot() as connection:
        found = await list_dead_letters(connection, before, limit + 1)
    page, more = cut(found, limit)
    items = [_answer(kept, with_head=with_head) for kept in page]
    return json_response(encode(DeadLettersAnswer(items, cursor_after(page[-1].letter) if more else None)))


def _with_head(reading: Reading) -> bool:
    asked = reading.query("head")
    if asked not in (None, "true", "false"):
        raise InvalidRequest("invalid_value", "head: expected true or false")
    return asked == "true"


def _answer(kept: KeptLetter, *, with_head: bool) -> DeadLetterAnswer:
    letter = kept.content
    return DeadLetterAnswer(
        letter.topic,
        letter.partition,
        letter.offset,
        letter.reason,
        letter.size,
        letter.digest.hex(),
        format_micros(letter.received_at),
        b64encode(letter.head).decode() if with_head else None,
    )
