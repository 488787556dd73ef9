"""The usage-ledger service as its HTTP clients see it: an address, a key, requests and problems."""

import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from usage_ledger.unreachable import DependencyUnreachable

_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))
_TIMEOUT_S: Final = 30.0


class RequestRefused(Exception):
    """The service refused; the text is its own. ``code`` is stable, ``facts`` are the other members of its problem."""

    def __init__(self, status: int, code: str, detail: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.facts = facts or {}


class LedgerService:
    """Calls one service under one key. May be used by several threads."""

    def __init__(self, url: str, key: str, *, tenant: str | None = None) -> None:
        """``tenant`` is whom an admin's key acts for."""
        headers = {"Authorization": f"Bearer {key}", **({"X-Tenant": tenant} if tenant else {})}
        self.url = url.rstrip("/")
        # A proxy that the environment names is for other machines than this one.
        reach_out = urlsplit(url).hostname not in _LOOPBACK
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT_S, trust_env=reach_out)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, path: str, **query: str) -> dict[str, Any]:
        """The answer to a question. Raises RequestRefused, DependencyUnreachable."""
        return self._call("GET", path, params=query)

    def write(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The answer to a command, sent once under a key of its own. Raises RequestRefused, DependencyUnreachable."""
        return self._call(method, path, json=body, headers={"Idempotency-Key": uuid4().hex})

    def ask(self, path: str, body: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """The answer to a question with a body, line by line as it comes. Raises RequestRefused, DependencyUnreachable.

        What does not end as it should ends with DependencyUnreachable, never early without a word.
        """
        headers = {"Accept": "application/x-ndjson"}
        try:
            with self._client.stream("POST", path, json=body, headers=headers) as response:
                if not response.is_success:
                    response.read()
                    raise refusal(response)
                yield from map(json.loads, response.iter_lines())
        except httpx.TransportError as error:
            raise DependencyUnreachable(f"{self.url} cannot be reached: {type(error).__name__}") from error

    def send_usage(self, body: bytes, idempotency_key: str) -> httpx.Response:
        """One attempt to deliver usage; whatever was answered. Raises httpx.TransportError: nobody knows."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        return self._client.post("/v1/usage", content=body, headers=headers)

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, **request)
        except httpx.TransportError as error:
            raise DependencyUnreachable(f"{self.url} cannot be reached: {type(error).__name__}") from error
        if not response.is_success:
            raise refusal(response)
        return cast("dict[str, Any]", response.json())


def refusal(response: httpx.Response) -> RequestRefused:
    """The problem that a response describes; of whatever answers there, if it is no usage ledger."""
    try:
        problem = cast("dict[str, Any]", response.json())
        return RequestRefused(
            response.status_code, problem["code"], str(problem.get("detail") or problem["title"]), problem
        )
    except (ValueError, KeyError, TypeError):
        return RequestRefused(response.status_code, "not_a_usage_ledger", f"{response.url} answers something else")
