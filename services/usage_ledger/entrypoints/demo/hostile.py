"""What a gateway should never send, each item by itself: the ledger answers every one by its own code and goes on."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast

import msgspec

from usage_ledger.entrypoints.demo.price_list import LIST_PRICES
from usage_ledger.entrypoints.demo.scene import HOSTILE_WORKSPACE, Scene
from usage_ledger.gateway.service import LedgerService
from usage_ledger.gateway.tally import ItemAnswer, Tally
from usage_ledger.usage.item import UsageItem


class HostileItem(NamedTuple):
    """An item and the answer that the rules have for it: its status, with the code or reason beside it."""

    name: str
    item: UsageItem
    expected: str


@dataclass(slots=True)
class HostileOutcome:
    """What was answered to whom. ``position`` is that of the last write."""

    tally: Tally = field(default_factory=Tally)
    answers: dict[str, str] = field(default_factory=dict[str, str])
    expected: dict[str, str] = field(default_factory=dict[str, str])
    position: str = ""

    @property
    def is_as_expected(self) -> bool:
        """Whether every item got its own answer."""
        return self.answers == self.expected


_USAGE: Final = {"input_tokens": 1_000, "output_tokens": 100}


def send_hostile_items(gateway: LedgerService, scene: Scene) -> HostileOutcome:
    """Sends them one by one. The last is one that is recorded, so its position is the latest of all."""
    outcome = HostileOutcome()
    for hostile in _hostile_items(scene, datetime.now(UTC)):
        began = time.monotonic()
        answer = gateway.write("POST", "/v1/usage", cast("dict[str, object]", msgspec.to_builtins(hostile.item)))
        outcome.tally.add_time((time.monotonic() - began) * 1_000)
        (said,) = answer["items"]
        outcome.tally.add([(hostile.item, msgspec.convert(said, ItemAnswer))])
        outcome.answers[hostile.name] = _in_words(said)
        outcome.expected[hostile.name] = hostile.expected
        outcome.position = answer.get("position", outcome.position)
    return outcome


def _hostile_items(scene: Scene, now: datetime) -> Iterator[HostileItem]:
    model = LIST_PRICES[0]
    item = UsageItem(
        id="hostile-1",
        workspace_id=HOSTILE_WORKSPACE,
        occurred_at=now,
        model=model.model,
        provider=model.provider,
        usage=_USAGE,
        tenant=scene.tenant,
    )
    yield HostileItem("ordinary", item, "accepted")
    yield HostileItem("duplicate", item, "duplicate")
    yield HostileItem("conflict", _changed(item, usage={"input_tokens": 9}), "conflict: idempotency_conflict")
    future = _changed(item, id="hostile-2", occurred_at=now + timedelta(hours=1))
    yield HostileItem("future_time", future, "rejected: occurred_in_future")
    negative = _changed(item, id="hostile-3", usage={"input_tokens": -5})
    yield HostileItem("negative_count", negative, "rejected: invalid_quantity")
    unknown = _changed(item, id="hostile-4", model="a-model-nobody-priced")
    yield HostileItem("unknown_model", unknown, "accepted: unpriced, no_price")


def _changed(item: UsageItem, **members: object) -> UsageItem:
    return msgspec.structs.replace(item, **members)


def _in_words(said: dict[str, Any]) -> str:
    """The status, and why."""
    if said.get("line_status") == "unpriced":
        return f"{said['status']}: unpriced, {said['reason']}"
    return f"{said['status']}: {said['code']}" if said.get("code") else said["status"]
