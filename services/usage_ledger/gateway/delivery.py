"""Sends one batch until every item of it has a definite answer, however often that takes.

A repeat carries the same bytes under the same key, so an answer that was lost on the way is given again as it was.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final, NamedTuple
from uuid import uuid4

import httpx
import msgspec

from usage_ledger.gateway.service import LedgerService, RequestRefused, refusal
from usage_ledger.gateway.tally import ItemAnswer, Tally
from usage_ledger.unreachable import DependencyUnreachable
from usage_ledger.usage.item import UsageItem

PATIENCE_S: Final = 300.0
"""After this long without an answer a batch is given up. Sending everything again later is safe."""

_RETRIED: Final = frozenset((429, 500, 502, 503, 504))
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 10.0


class Stopped(Exception):
    """Another batch failed, or somebody interrupted, before this one was answered."""


class _NoAnswer(NamedTuple):
    """Why an attempt to send did not lead to an answer, and when the service wants to be asked again."""

    reason: str
    retry_after_s: float = 0.0


class _Answer(msgspec.Struct):
    items: list[ItemAnswer]


_decode: Final = msgspec.json.Decoder(_Answer).decode


@dataclass(slots=True)
class Delivery:
    """Sends batches to one service. May be used by several threads; ``stop`` ends their pauses."""

    service: LedgerService
    tally: Tally
    patience_s: float = PATIENCE_S
    stop: Event = field(default_factory=Event)

    def send(self, batch: Sequence[UsageItem]) -> None:
        """Sends, and sends again what has no definite answer yet.

        Raises RequestRefused (the request as a whole is wrong), DependencyUnreachable (patience ran out), Stopped.
        """
        began_s, pause_s, waiting = time.monotonic(), _FIRST_PAUSE_S, list(batch)
        request, key = _request(waiting)
        while True:
            outcome = self._attempt(request, key)
            if not isinstance(outcome, _NoAnswer):
                waiting = self._take_in(waiting, outcome)
                if not waiting:
                    break
                request, key = _request(waiting)
                outcome = _NoAnswer("a shard is unavailable")
            self._pause(max(outcome.retry_after_s, _jittered(pause_s)), began_s, outcome.reason)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        self.tally.add_time((time.monotonic() - began_s) * 1_000)

    def _attempt(self, request: bytes, key: str) -> list[ItemAnswer] | _NoAnswer:
        try:
            response = self.service.send_usage(request, key)
        except httpx.TransportError as error:
            return _NoAnswer(type(error).__name__)
        if response.status_code in _RETRIED:
            return _NoAnswer(str(refusal(response)), _retry_after_s(response))
        if not response.is_success:
            raise refusal(response)
        try:
            return _decode(response.content).items
        except msgspec.DecodeError:
            raise RequestRefused(200, "not_a_usage_ledger", f"{response.url} answers something else") from None

    def _take_in(self, sent: Sequence[UsageItem], answers: Sequence[ItemAnswer]) -> list[UsageItem]:
        """Counts the definite answers; what is left is to be sent again."""
        answered = list(zip(sent, answers, strict=True))
        self.tally.add(pair for pair in answered if pair[1].status != "unavailable")
        return [item for item, answer in answered if answer.status == "unavailable"]

    def _pause(self, pause_s: float, began_s: float, reason: str) -> None:
        if time.monotonic() + pause_s > began_s + self.patience_s:
            raise DependencyUnreachable(f"{self.service.url} gives no answer: {reason}")
        self.tally.add_retry()
        if self.stop.wait(pause_s):
            raise Stopped


def _jittered(pause_s: float) -> float:
    """Connections that failed together do not come back together."""
    return random.uniform(pause_s / 2, pause_s)  # noqa: S311 - nothing is kept secret by it


def _request(items: Sequence[UsageItem]) -> tuple[bytes, str]:
    """A request's body and its key."""
    return msgspec.json.encode({"items": items}), uuid4().hex


def _retry_after_s(response: httpx.Response) -> float:
    """Only seconds are understood; a date would need clocks that agree."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_PAUSE_S) if text.isdecimal() and text.isascii() else 0.0
