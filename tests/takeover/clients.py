"""Gateways under load: each sends its items again, to another door if need be, until it has a definite answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Event, Thread
from typing import Any

import httpx

from http_door.usage import item

ITEMS_PER_REQUEST = 10
PATIENCE_REQUESTS = 200


class Client(Thread):
    """Sends requests one after the other, beginning with ``urls[0]``, and keeps its own record of the answers."""

    def __init__(self, urls: Sequence[str], key: str, workspaces: Sequence[str], model: str, name: str) -> None:
        super().__init__(name=name)
        self._urls = list(urls)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._workspaces = workspaces
        self._model = model
        self.leave = Event()
        self.answered: dict[str, str] = {}
        """Status by item id, of every item with a definite answer."""
        self.sent_again = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with httpx.Client(headers=self._headers, timeout=30) as http:
                number = 0
                while not self.leave.is_set():
                    number += 1
                    self._deliver(http, self._request(number))
        except BaseException as error:
            self.error = error

    def _request(self, number: int) -> list[dict[str, Any]]:
        return [
            item(self._model, id=f"{self.name}-{number}-{i}", workspace_id=self._workspaces[i % len(self._workspaces)])
            for i in range(ITEMS_PER_REQUEST)
        ]

    def _deliver(self, http: httpx.Client, items: list[dict[str, Any]]) -> None:
        for _ in range(PATIENCE_REQUESTS):
            answer = self._send(http, items)
            if answer is not None:
                self.answered.update({each["id"]: each["status"] for each in answer["items"]})
                return
            self.sent_again += 1
            self._urls.append(self._urls.pop(0))
        raise AssertionError(f"{self.name} got no answer")

    def _send(self, http: httpx.Client, items: list[dict[str, Any]]) -> Any:
        """None where it is unknown what became of them."""
        try:
            response = http.post(f"{self._urls[0]}/v1/usage", json={"items": items})
        except httpx.TransportError:
            return None
        if response.status_code == 503:
            return None
        assert response.status_code == 200, response.text
        return response.json()

    @property
    def statuses(self) -> Counter[str]:
        return Counter(self.answered.values())
