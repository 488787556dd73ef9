"""Every exception that may end a request, and the problem that the client is told instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from fastapi import FastAPI
from psycopg_pool import PoolTimeout, TooManyRequests
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.appender import LedgerUnavailable, Overloaded
from usage_ledger.entrypoints.http.door import door_of
from usage_ledger.entrypoints.http.problems import (
    InvalidRequest,
    Problem,
    internal_error,
    invalid_request_of,
    ledger_unavailable,
    overloaded,
    problem_of,
    problem_response,
)
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger_views.reading.page import InvalidCursor
from usage_ledger_views.usage_summary.queries import GROUPS, UnknownGroup

_PAYMENT_REQUIRED: Final = 402

ToProblem = Callable[[Any], Problem]


def _routing_problem(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return Problem("route_not_found", "there is no such call")
    if error.status_code == 405:
        return Problem("method_not_allowed", "this path has other methods", headers=error.headers)
    return internal_error()


def _itself(problem: Problem) -> Problem:
    return problem


PROBLEMS: Final[Mapping[type[Exception], ToProblem]] = {
    Problem: _itself,
    Refusal: problem_of,
    InvalidInput: invalid_request_of,
    Overloaded: lambda _: overloaded(),
    TooManyRequests: lambda _: overloaded(),
    LedgerUnavailable: lambda _: ledger_unavailable(),
    psycopg.OperationalError: lambda _: ledger_unavailable(),
    PoolTimeout: lambda _: ledger_unavailable(),
    InvalidCursor: lambda _: InvalidRequest("invalid_value", "after: this is no cursor of this list"),
    UnknownGroup: lambda _: InvalidRequest("invalid_value", f"group_by: expected names among {', '.join(GROUPS)}"),
    RecursionError: lambda _: InvalidRequest("invalid_json", "nested too deeply"),
    HTTPException: _routing_problem,
}


def answer_failures(app: FastAPI) -> None:
    async def handle(request: Request, error: Exception) -> Response:
        return _response(request, error)

    for kind in PROBLEMS:
        app.add_exception_handler(kind, handle)


def failure_response(request: Request, error: Exception) -> Response | None:
    """None for an error that nobody expected."""
    return _response(request, error) if any(kind in PROBLEMS for kind in type(error).__mro__) else None


def _response(request: Request, error: Any) -> Response:
    """By the nearest class of the error that is in the table, as Starlette looks for it."""
    problem = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)(error)
    if problem.status == _PAYMENT_REQUIRED and (top_up_url := door_of(request).top_up_url) is not None:
        problem.members["top_up_url"] = top_up_url
    return problem_response(problem, request.url.path)
