"""The load: clients at both doors that work at the same time, until they are told to rest.

What is sent follows from the seed. When it arrives does not; that is what the faults are for.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress

from chaos.calls import Calls, Stage
from chaos.client import Refused, Stopped
from chaos.hands import Hand, HttpHand, KafkaHand
from chaos.kafka_client import KafkaGateway
from chaos.ledger import LedgerUnderTest

HTTP_CLIENTS = 4
_LAST_WORDS_S = 10.0


class Load:
    """Starts at rest. ``resume`` lets it work, ``rest`` returns when everything sent has a definite answer.

    ``pause_s`` is how long a client waits between two of its requests, at most.
    """

    def __init__(self, ledger: LedgerUnderTest, seed: int, pause_s: float) -> None:
        self.stage = Stage()
        self._ledger = ledger
        self._stop = threading.Event()
        self._working = threading.Event()
        hands = [self._http_hand(f"{seed}-{number}") for number in range(HTTP_CLIENTS)]
        self._clients = [_Client(self, hand, pause_s) for hand in (*hands, self._kafka_hand(f"{seed}-kafka"))]

    def resume(self) -> None:
        self._working.set()

    def rest(self, patience_s: float) -> bool:
        """Whether every client came to an end with what it had begun."""
        self._working.clear()
        deadline = time.monotonic() + patience_s
        return all(client.idle.wait(max(0.0, deadline - time.monotonic())) for client in self._clients)

    def stop(self) -> None:
        self._stop.set()
        self._working.set()
        for client in self._clients:
            client.thread.join(_LAST_WORDS_S)

    def wait_for_work(self) -> bool:
        """Whether there is any; False when all is over."""
        self._working.wait()
        return not self._stop.is_set()

    @property
    def may_work(self) -> bool:
        return self._working.is_set()

    def _http_hand(self, name: str) -> HttpHand:
        record, chance = self._ledger.record, random.Random(name)
        client = self._ledger.client(random.Random(f"{name}/client"), self._stop)
        return HttpHand(client, Calls(name, self.stage, record, chance), record, chance)

    def _kafka_hand(self, name: str) -> KafkaHand:
        record, chance = self._ledger.record, random.Random(name)
        options = self._ledger.kafka_options
        gateway = KafkaGateway(options, record, random.Random(f"{name}/client"), self._stop)
        return KafkaHand(gateway, Calls(name, self.stage, record, chance), chance)


class _Client:
    """A thread and its hand."""

    def __init__(self, load: Load, hand: Hand, pause_s: float) -> None:
        self._load = load
        self._hand = hand
        self._pause_s = pause_s
        self.idle = threading.Event()
        self.idle.set()
        self.thread = threading.Thread(target=self._run, name="load", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while self._load.wait_for_work():
            self.idle.clear()
            # Looked at again: whoever asked for rest in between must not find this client idle and then see it work.
            if self._load.may_work:
                with suppress(Refused, Stopped):
                    self._hand.act()
            self.idle.set()
            time.sleep(random.uniform(0, self._pause_s))
        self._hand.close()
