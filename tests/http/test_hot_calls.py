"""What is taken before FastAPI: only hot calls, and answered alike, failures included."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from usage_ledger.entrypoints.http.application import create_app
from usage_ledger.entrypoints.http.hot_calls import HotCalls
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.route import Route
from usage_ledger.entrypoints.http.routes.table import ROUTES
from usage_ledger.refusals import Refusal


async def greet(request: Request) -> Response:
    return PlainTextResponse(f"hello {request.path_params['name']}")


async def refuse(_request: Request) -> Response:
    raise Refusal("hold_exists", "it was placed before", {"hold_id": "h1"})


async def scope_refused(_request: Request) -> Response:
    raise Problem("key_scope", "not with this key", headers={"X-Why": "scope"})


async def break_down(_request: Request) -> Response:
    raise KeyError("a secret of the inside")


CALLS = {"/greet/{name}": greet, "/refuse": refuse, "/scope": scope_refused, "/break": break_down}


def routes(*, hot: bool) -> list[Route]:
    return [
        Route("POST", path, handle.__name__, "t", "t", handle, (), (), is_hot=hot) for path, handle in CALLS.items()
    ]


def ask(app: HotCalls, method: str, path: str) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
            return await client.request(method, path, headers={"X-Request-Id": "r1"})

    return asyncio.run(send())


def without_application() -> HotCalls:
    """Around an application that has no routes at all."""
    return HotCalls(FastAPI(), routes(hot=True))


def test_a_hot_call_needs_nothing_of_the_application() -> None:
    assert ask(without_application(), "POST", "/greet/ada").text == "hello ada"


@pytest.mark.parametrize(("method", "path"), [("GET", "/greet/ada"), ("POST", "/greet/ada/more"), ("POST", "/other")])
def test_whatever_is_not_exactly_a_hot_call_is_the_applications(method: str, path: str) -> None:
    assert ask(without_application(), method, path).json() == {"detail": "Not Found"}


@pytest.mark.parametrize("path", ["/greet/ada", "/refuse", "/scope", "/break"])
def test_a_call_is_answered_alike_hot_or_not(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for hot in (True, False):
        monkeypatch.setattr("usage_ledger.entrypoints.http.application.ROUTES", routes(hot=hot))
        answer = ask(create_app(lambda: pytest.fail("never opened")), "POST", path)
        answers.append((answer.status_code, dict(answer.headers), answer.content))
    assert answers[0] == answers[1]


def test_an_unexpected_failure_of_a_hot_call_tells_nothing_from_inside() -> None:
    answer = ask(without_application(), "POST", "/break")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] == "r1"


def test_the_calls_that_gateways_make_around_theirs_are_hot() -> None:
    assert {route.name for route in ROUTES if route.is_hot} == {"RecordUsage", "PlaceHold", "SettleHold", "ReleaseHold"}
