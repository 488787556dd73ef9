"""A client that does not give up: the same ids again and again, until every one of them has a definite answer."""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from typing import Any

import msgspec

from chaos.record import DEFINITE, Item, Record
from chaos.wire import Answer, Connection, NoAnswer
from chaos.world import CURRENCY, Model, Purchase, Workspace, decimal
from usage_ledger.adapters.packaged_registry import packaged_content

# These say: not now. Nothing else but 200 and 201 may ever be answered to this load.
_TRY_LATER = frozenset((429, 503))
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5


@dataclass
class Keys:
    """Secrets: of an admin, and of a gateway that speaks for every tenant."""

    admin: str = ""
    gateway: str = ""

    def of_admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.admin}"}

    def of_gateway(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.gateway}"}


class Refused(Exception):
    """The service says that the request is wrong, or that it failed over it. It is neither; this is a surprise."""


class Stopped(Exception):
    """The campaign is over, and there was no answer yet."""


class Client:
    """Talks to several doors of one ledger, to another after each failure. For one thread."""

    def __init__(
        self, ports: Sequence[int], keys: Keys, record: Record, chance: random.Random, stop: Event | None = None
    ) -> None:
        self._ports = ports
        self._connections = [Connection(port) for port in ports]
        self._stop = stop or Event()
        self._keys = keys
        self._record = record
        self._chance = chance
        self._door = chance.randrange(len(ports))

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    @contextmanager
    def twin(self) -> Generator[Client]:
        """Another client of the same owner, at another door."""
        other = Client(self._ports, self._keys, self._record, random.Random(self._chance.random()), self._stop)
        other._door = (self._door + 1) % len(self._ports)
        try:
            yield other
        finally:
            other.close()

    def new_request_key(self) -> str:
        return f"chaos-{self._chance.getrandbits(96):024x}"

    def send_usage(self, items: Sequence[Item], request_key: str) -> dict[str, Mapping[str, Any]]:
        """Sends until every item has a definite answer. The last answer to each item, by its id. Raises Refused."""
        told: dict[str, Mapping[str, Any]] = {}
        waiting = list(items)
        while waiting:
            answers = self.once_answered("POST", "/v1/usage", usage_body(waiting), request_key, self._keys.of_gateway())
            answered = list(zip(waiting, answers["items"], strict=True))
            told.update((item.attempt_id, answer) for item, answer in answered)
            waiting = [item for item, answer in answered if not self._record.answered(item, answer, request_key)]
            # Another body is another request.
            request_key = self.new_request_key()
        return told

    def status_of(self, item: Item) -> str:
        """What one item is answered that need not be taken into the record. Raises Refused, Stopped."""
        while True:
            key = self.new_request_key()
            answer = self.once_answered("POST", "/v1/usage", usage_body([item]), key, self._keys.of_gateway())
            status = answer["items"][0]["status"]
            if status in DEFINITE:
                return status

    def purchase(self, purchase: Purchase) -> None:
        """Raises Refused."""
        body = {"amount": decimal(purchase.amount), "currency": CURRENCY, "payment_ref": purchase.payment_ref}
        path = f"/v1/accounts/{purchase.account_id}/purchases"
        self._record.sends_purchase(purchase)
        self._write("POST", path, body, purchase.tenant)
        self._record.paid_for(purchase)

    def publish_price(self, model: Model) -> None:
        """Raises Refused."""
        body = {
            "version": f"{model.name}-1",
            "model": model.name,
            "list": "sell",
            "currency": CURRENCY,
            "price": {"per_million": model.per_million()},
            "effective_from": "2020-01-01T00:00:00Z",
            "reason": "chaos",
        }
        self._write("POST", "/v1/prices", body)
        self._record.published_price(model.name)

    def open_account(self, tenant: str, account_id: str) -> None:
        """Raises Refused."""
        self._write(
            "POST", "/v1/accounts", {"account_id": account_id, "owner_kind": "org", "currency": CURRENCY}, tenant
        )

    def register(self, workspace: Workspace) -> None:
        """Raises Refused."""
        body = {"workspace_id": workspace.workspace_id, "account_id": workspace.account_id}
        self._write("POST", "/v1/workspaces", body, workspace.tenant)
        self._record.registered_workspace(workspace.tenant, workspace.workspace_id)

    def judge_by(self, policy: str, registry: str) -> None:
        """From now on everybody is judged by this policy and this version of the registry. Raises Refused."""
        content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=registry))
        self._write("POST", "/v1/registries", {"version": registry, "content": content, "reason": "chaos"})
        self._write("POST", "/v1/policies", {"policy": policy, "reason": "chaos"})
        self._record.judged_by(policy, registry)

    def gateway_key(self) -> str:
        """The secret of a new key that may send usage for every tenant. Raises Refused."""
        body = {"scopes": ["usage"], "source": "chaos-gateway", "tenants": ["*"]}
        return self._write("POST", "/v1/keys", body)["secret"]

    def wire_proxy(self) -> None:
        """Raises Refused."""
        self._write("PUT", "/v1/deployment/proxy", {"wired": True})

    def once_answered(
        self, method: str, path: str, body: bytes, request_key: str, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """The answer to a request that is repeated, byte by byte, until there is one. Raises Refused, Stopped."""
        pause_s = _FIRST_PAUSE_S
        while True:
            with suppress(NoAnswer):
                return self._attempt(method, path, body, {"Idempotency-Key": request_key, **headers})
            self._record.count("unanswered_requests")
            self._door = (self._door + 1) % len(self._ports)
            if self._stop.wait(self._chance.uniform(pause_s / 2, pause_s)):
                raise Stopped
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _attempt(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        answer = self._connections[self._door].request(method, path, body, headers)
        if answer.status in _TRY_LATER:
            raise NoAnswer(str(answer.status))
        if answer.status not in (200, 201):
            self._record.surprise(f"{method} {path} is answered {answer.status}: {_shortened(answer)}")
            raise Refused(answer.status)
        self._record.count("answered_requests")
        return answer.body

    def _write(self, method: str, path: str, body: Mapping[str, object], tenant: str | None = None) -> dict:
        headers = {**self._keys.of_admin(), **({"X-Tenant": tenant} if tenant else {})}
        return self.once_answered(method, path, json.dumps(body).encode(), self.new_request_key(), headers)


def usage_body(items: Sequence[Item]) -> bytes:
    return json.dumps({"items": [_on_the_wire(item) for item in items]}).encode()


def _on_the_wire(item: Item) -> dict[str, object]:
    return {
        "id": item.attempt_id,
        "tenant": item.tenant,
        "workspace_id": item.workspace_id,
        "occurred_at": item.occurred_at,
        "model": item.model,
        "usage": {"input_tokens": item.input_tokens, "output_tokens": item.output_tokens},
    }


def _shortened(answer: Answer) -> str:
    return json.dumps(answer.body)[:300]
