"""The application: routes, failures, the OpenAPI document. What it talks to comes in as a ``Door``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response

from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.failures import answer_failures
from usage_ledger.entrypoints.http.hot_calls import HotCalls
from usage_ledger.entrypoints.http.observation import Observation
from usage_ledger.entrypoints.http.openapi import document, operation_of
from usage_ledger.entrypoints.http.routes.table import ROUTES

OpenDoor = Callable[[], AbstractAsyncContextManager[Door]]
"""Opens what the door needs on the event loop that will use it, and closes it at the end."""


def create_app(open_door: OpenDoor) -> HotCalls:
    """The HTTP door. The door is opened when the application starts and closed after its last request."""
    app = FastAPI(
        title="usage-ledger",
        lifespan=_lifespan(open_door),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for route in ROUTES:
        app.add_api_route(
            route.path,
            route.handle,
            methods=[route.method],
            status_code=route.status,
            response_class=Response,
            openapi_extra=operation_of(route),
            summary=route.summary,
            operation_id=route.name,
            tags=[route.tag],
        )
    app.openapi = document(app, ROUTES)
    answer_failures(app)
    app.add_middleware(Observation)
    return HotCalls(app, ROUTES)


def _lifespan(open_door: OpenDoor) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_door() as door:
            app.state.door = door
            yield

    return lifespan
