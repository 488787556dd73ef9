"""One connection to an HTTP door, and what may become of a request: an answer, or that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple

# Shorter than a long pause of a process: then the first request still runs while its repeat does.
TIMEOUT_S = 2.5


class NoAnswer(Exception):
    """The request may have had its effect, or not."""


class Answer(NamedTuple):
    status: int
    body: Any


class Connection:
    """To one port of this machine, kept open. For one thread."""

    def __init__(self, port: int, timeout_s: float = TIMEOUT_S) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=timeout_s)

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises NoAnswer."""
        try:
            self._http.request(method, path, body, {"Content-Type": "application/json", **headers})
            response = self._http.getresponse()
            return Answer(response.status, json.loads(response.read()))
        except (OSError, HTTPException, ValueError) as error:
            self._http.close()
            raise NoAnswer(type(error).__name__) from error

    def close(self) -> None:
        self._http.close()
