"""One call of the API as data: what routing, and the OpenAPI document, need to know of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.writes import Write, handler_of

NDJSON: Final = "application/x-ndjson"

Handle = Callable[[Request], Awaitable[Response]]

KEY_REFUSALS: Final = ("key_missing", "key_invalid", "key_revoked", "key_expired", "key_scope", "ledger_unavailable")
BODY_REFUSALS: Final = (
    "body_too_large",
    "unsupported_media_type",
    "invalid_json",
    "missing_field",
    "unknown_field",
    "wrong_type",
    "invalid_value",
    "invalid_id",
    "invalid_currency",
)
WRITE_REFUSALS: Final = (*KEY_REFUSALS, *BODY_REFUSALS, "idempotency_conflict", "overloaded")
READ_REFUSALS: Final = (*KEY_REFUSALS, "overloaded", "invalid_id", "invalid_value", "unknown_field")


class Query(NamedTuple):
    """A query parameter; none is required."""

    name: str
    summary: str
    schema: dict[str, Any] = {"type": "string"}  # noqa: RUF012 - a NamedTuple's default, never changed


class Route(NamedTuple):
    """``refusals`` are the codes of every problem it can answer with; without ``answers`` it has no fixed shape.

    ``other_status`` is one that comes with the same answer: what it means to whoever only looks at the status.
    ``lines``: what each line can be where NDJSON is asked for instead of the answer.
    ``is_hot``: gateways make it around every call of their own.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    handle: Handle
    answers: tuple[type[Any], ...]
    refusals: tuple[str, ...]
    status: int = 200
    body: type[Any] | None = None
    query: tuple[Query, ...] = ()
    needs_key: bool = True
    other_status: tuple[int, str] | None = None
    idempotency_key: Literal["none", "optional", "required"] = "none"
    tells_credits: bool = False
    is_hot: bool = False
    lines: tuple[type[Any], ...] = ()


def write_route(write: Write, tag: str, handle: Handle | None = None) -> Route:
    """The route of a write; ``handle`` is its own function where the data does not say everything."""
    return Route(
        method=write.method,
        path=write.path,
        name=write.commands[0].__name__,
        tag=tag,
        summary=write.summary,
        handle=handle or handler_of(write),
        answers=(write.answer,),
        refusals=(*WRITE_REFUSALS, "missing_idempotency_key", *write.refusals),
        status=write.status,
        body=write.body,
        idempotency_key="required",
        tells_credits=write.tells_credits,
        other_status=(200, "It had happened before; this is the first result.") if write.repeatable else None,
    )
