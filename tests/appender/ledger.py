"""Commands in few words, for tests of the appender."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.appender import Appender
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.recorded_event import Actor
from usage_ledger.submission import Outcome, Submission
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.item import UsageItem
from usage_ledger.workspaces.commands import RegisterWorkspace

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USD_PER_ITEM = "0.00025"


_NAMES = (f"appender-{n}" for n in count(1))


class VirtualClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return (self.at - EPOCH) // timedelta(microseconds=1)

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


class Ledger:
    """One appender, and the ids that its commands take in turn."""

    def __init__(self, appender: Appender, clock: VirtualClock) -> None:
        self.appender = appender
        self.clock = clock
        self._name = next(_NAMES)
        self._ids = count(1)

    def furnish(self) -> None:
        price = PriceText(per_million={"input": "1", "output": "2"})
        publish = PublishPrices("v1", "acme/small", "sell", "USD", price, "list price")
        self.send(msgspec.structs.replace(publish, effective_from=0), tenant="platform")
        self.send(WireProxy(), tenant="platform")
        self.send(OpenAccount("main", "org", "USD"))
        self.send(RecordPurchase("main", "100", "card/1"))
        self.send(RegisterWorkspace("ws", account_id="main"))

    def submission(
        self,
        command: msgspec.Struct,
        *,
        tenant: str = "acme",
        command_id: str | None = None,
        request_hash: bytes | None = None,
    ) -> Submission:
        named = command_id is not None
        command_id = command_id or f"{self._name}-{next(self._ids)}"
        usage = isinstance(command, RecordUsage) and not named
        return Submission(
            command=command,
            tenant=tenant,
            source="test",
            command_id=command_id,
            actor=Actor("service_key", "key-1"),
            correlation_id="request-1",
            request_hash=None if usage else (request_hash or b"h" * 16),
        )

    def send(self, command: msgspec.Struct, **options: Any) -> Outcome:
        return self.send_all(self.submission(command, **options))[0]

    def send_all(self, *submissions: Submission) -> list[Any]:
        return self.appender.append(submissions)

    def usage(self, *ids: str, tenant: str = "acme", workspace: str = "ws", **fields: Any) -> RecordUsage:
        fields = {"usage": {"input_tokens": 50, "output_tokens": 100}, "model": "acme/small"} | fields
        items = [UsageItem(id=attempt, workspace_id=workspace, occurred_at=self.clock.at, **fields) for attempt in ids]
        return RecordUsage(prepare_all(items, tenant, "test"))

    def grant(self, amount: str, **fields: Any) -> GrantCredits:
        return GrantCredits("main", amount, "promo", "a test", **fields)

    def balance(self, account: str = "main") -> str:
        """What the account's next credit finds, told by a grant of a billionth, which stays."""
        granted = self.send(GrantCredits(account, "0.000000001", "promo", "looks at the balance"))
        return str(Decimal(msgspec.json.decode(granted.answer)["posted"]) - Decimal("0.000000001"))


def statuses(outcome: Outcome) -> list[str]:
    return [item["status"] for item in msgspec.json.decode(outcome.answer)["items"]]
