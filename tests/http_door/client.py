"""A client of the door. Every answer is held against the OpenAPI document: a status that it does not name fails."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Self
from uuid import uuid4

import httpx

IDEMPOTENCY_KEY = "Idempotency-Key"


class Api:
    """Sends one key. ``tenant`` is the header of admins; writes get an idempotency key unless they say otherwise."""

    def __init__(self, url: str, key: str | None, key_id: str = "") -> None:
        self.key = key
        self.key_id = key_id
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._url = url
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **query: object) -> httpx.Response:
        return self.send("GET", path, params={name.rstrip("_"): value for name, value in query.items()} or None)

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self._write("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self._write("PUT", path, body, **options)

    def accepted(self, path: str, body: Any, **options: Any) -> Any:
        """The answer to a write that must work."""
        response = self.post(path, body, **options)
        assert response.status_code in (200, 201), response.text
        return response.json()

    def record(self, *items: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        """What usage answers for each item."""
        return self.accepted("/v1/usage", {"items": list(items)}, **options)["items"]

    def _write(
        self, method: str, path: str, body: Any, *, key: str | None = None, tenant: str | None = None
    ) -> httpx.Response:
        headers = {IDEMPOTENCY_KEY: key or uuid4().hex}
        if tenant is not None:
            headers["X-Tenant"] = tenant
        return self.send(method, path, json=body, headers=headers)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._client.request(method, path, **options)
        _require_documented(self._url, method, path, response)
        return response


@cache
def document(url: str) -> dict[str, Any]:
    return httpx.get(f"{url}/openapi.json").json()


@cache
def _operations(url: str) -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    found = [
        (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path)), operation)
        for path, operations in document(url)["paths"].items()
        for method, operation in operations.items()
    ]
    # A path without a parameter is meant before one that its last part could fill.
    return sorted(found, key=lambda each: "[" in each[1].pattern)


def _require_documented(url: str, method: str, path: str, response: httpx.Response) -> None:
    for its_method, pattern, operation in _operations(url):
        if method == its_method and pattern.fullmatch(path.partition("?")[0]):
            documented = operation["responses"]
            assert str(response.status_code) in documented, f"{response.status_code} of {method} {path} is undocumented"
            _require_documented_code(documented[str(response.status_code)], response)
            return
    assert response.status_code in (404, 405), f"{method} {path} is no documented call"


def _require_documented_code(documented: dict[str, Any], response: httpx.Response) -> None:
    if response.headers["content-type"] == "application/problem+json":
        problem = response.json()
        assert f"`{problem['code']}`" in documented["description"], f"{problem['code']} is undocumented"
        assert problem["status"] == response.status_code
