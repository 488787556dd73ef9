"""What each client of the load does when it is its turn: one thing of several, by chance."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from chaos import world
from chaos.calls import Calls
from chaos.client import Client, Refused, Stopped
from chaos.kafka_client import KafkaGateway
from chaos.record import Item, Record
from chaos.world import Purchase

REMEMBERED_BATCHES = 100
MAX_COMMANDS = 4

Told = Mapping[str, Mapping[str, Any]]


class Hand(Protocol):
    """One client at work."""

    def act(self) -> None:
        """One thing, to its end. Raises Refused, Stopped."""
        ...

    def close(self) -> None: ...


class HttpHand:
    """Reports calls, repeats itself, contradicts itself, buys credit."""

    def __init__(self, client: Client, calls: Calls, record: Record, chance: random.Random) -> None:
        self._client = client
        self._calls = calls
        self._record = record
        self._chance = chance
        self._done: deque[list[Item]] = deque(maxlen=REMEMBERED_BATCHES)

    def act(self) -> None:
        actions = [
            self._report,
            self._report_late,
            self._report_twice_at_once,
            self._repeat,
            self._contradict,
            self._buy,
        ]
        (action,) = self._chance.choices(actions, weights=[60, 4, 12, 12, 4, 8])
        action()

    def close(self) -> None:
        self._client.close()

    def _report(self) -> None:
        self._send(self._calls.batch())

    def _report_late(self) -> None:
        self._send(self._calls.late_batch())

    def _send(self, items: list[Item]) -> None:
        self._client.send_usage(items, self._client.new_request_key())
        self._done.append(items)

    def _report_twice_at_once(self) -> None:
        """As after giving up too early: two requests with the same ids are under way, under one key or under two."""
        items, key = self._calls.batch(), self._client.new_request_key()
        other_key = self._chance.choice((key, self._client.new_request_key()))
        told_twin: list[Told] = []
        with self._client.twin() as twin:
            sending = threading.Thread(target=_send_into, args=(told_twin, twin, items, other_key), daemon=True)
            sending.start()
            told = self._client.send_usage(items, key)
            sending.join()
        self._done.append(items)
        if key == other_key and told_twin:
            self._compare(items, told, told_twin[0])

    def _compare(self, items: Sequence[Item], told: Told, told_twin: Told) -> None:
        """One request has one answer, however often it is asked for."""
        for item in items:
            one, other = told[item.attempt_id], told_twin[item.attempt_id]
            # Where a shard was unavailable the items were sent again under another key, and are then a duplicate.
            if one["status"] == other["status"] and one != other:
                self._record.surprise(f"{item.key}: one request was answered {one} and {other}")

    def _repeat(self) -> None:
        """What was answered once is a duplicate ever after."""
        if not self._done:
            return
        items = self._chance.choice(self._done)
        told = self._client.send_usage(items, self._client.new_request_key())
        for item in items:
            if told[item.attempt_id]["status"] != "duplicate":
                self._record.surprise(f"{item.key} is known and was answered {told[item.attempt_id]}")

    def _contradict(self) -> None:
        """A known id with another quantity is in conflict, and what was recorded first stays."""
        if not self._done:
            return
        item = self._chance.choice(self._chance.choice(self._done))
        status = self._client.status_of(item._replace(output_tokens=item.output_tokens + 1))
        if status != "conflict":
            self._record.surprise(f"{item.key} with another quantity was answered {status}")

    def _buy(self) -> None:
        tenant, account_id = self._chance.choice(world.accounts())
        amount = self._chance.randint(1, 400) * world.CENT_NANO
        payment_ref = f"{self._calls.name}-{self._calls.next_number()}"
        self._client.purchase(Purchase(tenant, payment_ref, account_id, amount))


class KafkaHand:
    """Reports calls, several commands at a time."""

    def __init__(self, gateway: KafkaGateway, calls: Calls, chance: random.Random) -> None:
        self._gateway = gateway
        self._calls = calls
        self._chance = chance

    def act(self) -> None:
        self._gateway.send_usage([self._calls.batch() for _ in range(self._chance.randint(1, MAX_COMMANDS))])

    def close(self) -> None:
        self._gateway.close()


def _send_into(told: list[Told], client: Client, items: Sequence[Item], request_key: str) -> None:
    with suppress(Refused, Stopped):
        told.append(client.send_usage(items, request_key))
