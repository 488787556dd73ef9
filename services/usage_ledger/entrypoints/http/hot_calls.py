"""The calls that a gateway makes around every call of its own, taken before FastAPI sees them.

FastAPI declares and documents them like all others and would answer them alike. But what it does around a handler (it
walks through the routes, looks for tracers, opens exit stacks, solves dependencies that there are none of) costs twice
what the handler does, and such calls come by the thousand a second with one command each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from usage_ledger.entrypoints.http.failures import failure_response
from usage_ledger.entrypoints.http.observation import Observation
from usage_ledger.entrypoints.http.route import Route


class _HotCall(NamedTuple):
    route: Route
    path: re.Pattern[str]


class HotCalls:
    """Plain ASGI around the application; what is not hot is the application's."""

    def __init__(self, app: FastAPI, routes: Iterable[Route]) -> None:
        self.openapi = app.openapi
        self._app = app
        self._answer = Observation(self._handle)
        self._calls = [_HotCall(route, compile_path(route.path)[0]) for route in routes if route.is_hot]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._matches(scope):
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _matches(self, scope: Scope) -> bool:
        """Whether the call is a hot one; the scope then says which, as a router would write it."""
        for route, path in self._calls:
            if scope["method"] == route.method and (match := path.match(scope["path"])):
                scope.update(app=self._app, route=route, path_params=match.groupdict())
                return True
        return False

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await scope["route"].handle(request)
        except Exception as error:
            response = failure_response(request, error)
            if response is None:
                raise
        await response(scope, receive, send)
