"""Around every request: its id, its metrics, and the last word on failures that nobody expected."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from usage_ledger.entrypoints.http import correlation
from usage_ledger.entrypoints.http.problems import internal_error, problem_response
from usage_ledger_schemas.metrics import http_request_seconds, http_requests_total

log = structlog.get_logger()


class Observation:
    """Plain ASGI, because the hot path pays for every layer.

    Neither headers, nor bodies, nor queries are logged: a key or a person's data could be in them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, correlation.begin(scope))
        began = perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            log.info("client_left", **_request_fields(scope))
        except Exception as error:
            log.error("request_failed", exc_info=error, **_request_fields(scope))
            if not answer.status:
                await problem_response(internal_error(), scope["path"])(scope, receive, answer.send)
        _count(scope, answer.status, perf_counter() - began)


class _Answer:
    """Sees the status that goes out, and puts the request's id on it."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self._send = send
        self._header = (correlation.HEADER.lower().encode(), correlation_id.encode())
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], self._header]
        await self._send(message)


def _request_fields(scope: Scope) -> dict[str, Any]:
    return {"route": _route(scope), "method": scope["method"], "correlation_id": correlation.of(scope)}


def _route(scope: Scope) -> str:
    """The route's template, so that ids never become labels; one name for all paths that are no route."""
    route = scope.get("route")
    return str(getattr(route, "path", "unmatched"))


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    http_requests_total.labels(route, scope["method"], str(status)).inc()
    http_request_seconds.labels(route).observe(seconds)
