"""Who and what a case speaks of: its labels, and what they stand for in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.steps import Command
from usage_ledger.scenarios.tenants import tenants_of
from usage_ledger.scenarios.worlds.world import AccountRef
from usage_ledger.streams import PLATFORM, tenant_of

DEFAULT_CURRENCY: Final = "USD"


class Cast:
    """Filled while a case is played. An account that was never opened stands for itself, in a tenant of its name."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._tenants = tenants_of(commands)
        self._currencies: dict[str, str] = {}
        self._lots: dict[tuple[str, str], str] = {}
        self._lot_labels: dict[str, str] = {}
        self._scheduled: dict[tuple[str, str], str] = {}
        self._purchases: dict[str, str] = {}
        self._dividends: dict[str, str] = {}
        self._attempts: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._accounts_of_keys: dict[str, str] = {}
        for command in commands:
            self._learn(command)

    def account(self, label: str) -> AccountRef:
        return AccountRef(self._tenants.get(label, label), label)

    def currency(self, label: str) -> str:
        return self._currencies.get(label, DEFAULT_CURRENCY)

    def payment_ref(self, purchase: str) -> str:
        """What the processor calls the purchase; a label that no purchase has stands for itself."""
        return self._purchases.get(purchase, purchase)

    def account_of_attempt(self, attempt: str) -> str:
        """The account that recorded it; an attempt that nobody recorded stands for itself."""
        return self._attempts.get(attempt, attempt)

    def key_id(self, label: str) -> str:
        """The key whose secret the label is; a key that nobody issued stands for itself."""
        return self._keys.get(label, label)

    def account_of_key(self, label: str) -> str:
        return self._accounts_of_keys.get(self.key_id(label), label)

    def tenant_of_dividend(self, dividend: str) -> str:
        """That of its first recipient; a dividend that nobody declares has none but its own name."""
        return self.account(self._dividends.get(dividend, dividend)).tenant

    def lot(self, account: str, label: str) -> str | None:
        """The lot's id; None if nothing was left for a lot, or it is not there yet."""
        return self._lots.get((account, label))

    def lot_label(self, account: str, lot: str) -> str:
        """The label of a lot, or its id if the case has no label for it."""
        known = (label for (of, label), named in self._lots.items() if (of, named) == (account, lot))
        return next(known, lot)

    def follow(self, events: Iterable[PastEvent]) -> None:
        """Learn which lots came of which commands; a lot made by rollover is called <lot>+."""
        for event in events:
            payload: Any = event.payload
            account: str | None = getattr(payload, "account_id", None)
            if account is None or tenant_of(event.stream_id) == PLATFORM:
                continue
            if (made := getattr(payload, "to_lot", None)) is not None:
                self._lots[account, f"{self.lot_label(account, payload.from_lot)}+"] = made
            label = self._label_of_lot(event)
            made = getattr(payload, "lot", None)
            if label is not None and made is not None:
                self._lots.setdefault((account, label), made)

    def _label_of_lot(self, event: PastEvent) -> str | None:
        """A grant that was scheduled posts later, under the clock's command and the reference of before (C9)."""
        payload: Any = event.payload
        label = self._lot_labels.get(event.envelope.command_id)
        reference = getattr(payload, "reference", "")
        if isinstance(payload, GrantScheduled) and label is not None:
            self._scheduled[payload.account_id, payload.reference] = label
        return label or self._scheduled.get((payload.account_id, reference))

    def _learn(self, command: Command) -> None:
        fields: Mapping[str, Any] = command.fields
        if command.name == "OpenAccount":
            self._currencies[fields["account"]] = fields.get("currency", DEFAULT_CURRENCY)
        if command.name == "RecordPurchase":
            self._purchases[fields.get("purchase", command.command_id)] = fields["payment_ref"]
        if command.name == "IssueServiceKey":
            self._accounts_of_keys[fields["key"]] = fields["account"]
        if command.name == "RotateServiceKey":
            self._keys[fields["new_key"]] = self.key_id(fields["key"])
        if command.name == "RecordUsage":
            self._attempts |= {item["attempt"]: fields["account"] for item in fields["items"]}
        if command.name == "DeclareDividend" and fields["recipients"]:
            self._dividends[fields["dividend"]] = fields["recipients"][0]
        if "lot" in fields:
            self._lot_labels[command.command_id] = fields["lot"]
