"""A client of the door. Every answer is held against the OpenAPI document: what it does not describe fails."""

from __future__ import annotations

from typing import Any, Self
from uuid import uuid4

import httpx

from http_door.documented import require_documented

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
        require_documented(self._url, method, path, response)
        return response
