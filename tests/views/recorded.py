"""Events as the topic carries them: real bodies, in the framing and with the headers of the relay."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from usage_ledger_schemas import codec

NOW = 1_780_000_000_000_000
DAY = 86_400_000_000
TENANT = "acme"
ACCOUNT = f"{TENANT}/account-main"
WORKSPACE = f"{TENANT}/workspace-ws"
PAYER = f"{TENANT}/payer-ws"
METERED = f"{TENANT}/metered-ws"


class FakeRecord(NamedTuple):
    """What a Kafka client hands out."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Recorded(NamedTuple):
    """One event of a shard, in the store's terms."""

    shard: int
    position: int
    stream_id: str
    version: int
    recorded_at: int
    fingerprint: bytes
    body: bytes


class Shard:
    """Records events of one shard: positions and versions are counted, times go up by a second an event."""

    def __init__(self, shard: int = 0, tenant: str = TENANT) -> None:
        self.shard = shard
        self.tenant = tenant
        self.events: list[Recorded] = []
        self._versions: Counter[str] = Counter()

    def record(self, stream_id: str, name: str, /, **payload: Any) -> Recorded:
        position = len(self.events) + 1
        self._versions[stream_id] += 1
        recorded_at = NOW + position * 1_000_000
        body = codec.encode(name, {**self._envelope(position, recorded_at), **payload})
        event = Recorded(
            self.shard, position, stream_id, self._versions[stream_id], recorded_at, codec.fingerprint(name), body
        )
        self.events.append(event)
        return event

    def open_account(self, account_id: str = "main", **fields: Any) -> Recorded:
        terms = {"owner_kind": "org", "tier": None, "funding": "prepaid", "currency": "USD", "zone": "UTC"}
        limits = {"overdraft_limit": 0, "credit_limit": None}
        stream = f"{self.tenant}/account-{account_id}"
        return self.record(stream, "AccountOpened", account_id=account_id, **{**terms, **limits, **fields})

    def purchase(
        self, amount: int, *, balance_after: int, account_id: str = "main", lot: str | None = "lot-2", settles: int = 0
    ) -> Recorded:
        lines = [line(1000, "debit", amount)]
        lines += [line(1300, "credit", settles)] if settles else []
        lines += [line(2000, "credit", amount - settles, lot)] if lot else []
        return self.record(
            f"{self.tenant}/account-{account_id}",
            "PurchaseRecorded",
            account_id=account_id,
            currency="USD",
            amount=amount,
            payment_ref=f"payment-{len(self.events)}",
            debt_settled=settles,
            lot=lot,
            lot_amount=amount - settles,
            priority=50,
            expires_at=None,
            entries=[{"type": "purchase", "lines": lines}],
            balance_after=balance_after,
            held_after=0,
        )

    def grant(self, amount: int, *, balance_after: int, lot: str, priority: int = 50, expires_at: int | None = None):
        return self.record(
            f"{self.tenant}/account-main",
            "CreditsGranted",
            account_id="main",
            currency="USD",
            kind="promo",
            amount=amount,
            reference=f"grant-{len(self.events)}",
            reason="test",
            debt_settled=0,
            lot=lot,
            lot_amount=amount,
            priority=priority,
            effective_at=NOW,
            expires_at=expires_at,
            entries=[{"type": "grant", "lines": [line(5020, "debit", amount), line(2000, "credit", amount, lot)]}],
            balance_after=balance_after,
            held_after=0,
        )

    def usage(
        self,
        lines: list[dict[str, Any]],
        *,
        debits: list[dict[str, Any]] | None = None,
        balance_after: int | None = 0,
        account_id: str | None = "main",
        **fields: Any,
    ) -> Recorded:
        charged = sum(each["charged"] for each in lines)
        entries = [{"type": "usage", "lines": [*(debits or []), line(4010, "credit", charged)]}] if charged else []
        stream = f"{self.tenant}/account-{account_id}" if account_id else f"{self.tenant}/metered-ws"
        usual = {"prices": [price()], "decisions": [decision(payer=account_id)]}
        return self.record(
            stream,
            "UsageRecorded",
            account_id=account_id,
            currency="USD" if account_id else None,
            lines=lines,
            charged=charged,
            allocations=[],
            entries=entries,
            balance_after=balance_after if account_id else None,
            held_after=0 if account_id else None,
            **{**usual, **fields},
        )

    def rate(
        self,
        lines: list[dict[str, Any]],
        *,
        debits: list[dict[str, Any]],
        balance_after: int,
        closed: int = 0,
        **fields: Any,
    ) -> Recorded:
        """The price of suspended lines arrives; ``closed`` is what they held in suspense."""
        charged = sum(each["charged"] for each in lines)
        entries = [{"type": "usage", "lines": [*debits, line(4010, "credit", charged)]}] if charged else []
        if closed:
            lines_closed = [line(2900, "debit", closed), line(1900, "credit", closed)]
            entries.append({"type": "suspense_closed", "lines": lines_closed})
        usual = {
            "prices": [price()],
            "decisions": [decision()],
            "before": [{"outcome": "no_price", "suspense": None, "position": 1} for _ in lines],
        }
        return self.record(
            f"{self.tenant}/account-main",
            "SuspendedUsageRated",
            account_id="main",
            currency="USD",
            lines=lines,
            charged=charged,
            allocations=[],
            entries=entries,
            balance_after=balance_after,
            held_after=0,
            **{**usual, **fields},
        )

    def correct(
        self,
        before: list[dict[str, Any]],
        now: list[dict[str, Any]],
        *,
        moved: list[dict[str, Any]],
        balance_after: int | None,
        account_id: str | None = "main",
        void: bool = False,
        **fields: Any,
    ) -> Recorded:
        """Lines are corrected; ``moved`` is the lots' and the debt's side of the entry."""
        delta = sum(each["charged"] for each in now) - sum(each["charged"] for each in before)
        revenue = line(4010, "credit" if delta > 0 else "debit", abs(delta))
        correction = {"delta": delta, "parts": [], "position": 1, "known_at": None, "void": void}
        usual = {
            "reason": "counted again",
            "prices": [price()],
            "decisions": [decision(payer=account_id)],
            "drawn": [],
            "restored": [],
            "debt_settled": 0,
            "lot": None,
            "lot_amount": 0,
            "entries": [{"type": "correction", "lines": [*moved, revenue]}] if moved else [],
        }
        return self.record(
            f"{self.tenant}/account-{account_id}" if account_id else METERED,
            "UsageCorrected",
            account_id=account_id,
            currency="USD" if account_id else None,
            lines=now,
            before=before,
            corrections=[correction for _ in now],
            delta=delta,
            balance_after=balance_after,
            held_after=None if balance_after is None else 0,
            **{**usual, **fields},
        )

    def register_workspace(self, **fields: Any) -> Recorded:
        usual = {"workspace_id": "ws", "kind": "workspace", "runtime": None, "deployment": "default", "before": None}
        after = resolution("platform_managed", "derived_default")
        return self.record(WORKSPACE, "WorkspaceRegistered", **{**usual, "after": after, **fields})

    def pin_payer(self, account_id: str = "main", previous: str | None = None) -> Recorded:
        return self.record(PAYER, "PayerPinned", workspace_id="ws", account_id=account_id, previous=previous)

    def on_topic(self) -> list[FakeRecord]:
        """Everything recorded so far, as the relay would publish it."""
        return [on_topic(event, offset=event.position - 1) for event in self.events]

    def _envelope(self, position: int, recorded_at: int) -> dict[str, Any]:
        return {
            "event_id": (self.shard << 64 | position).to_bytes(16, "big"),
            "recorded_at": recorded_at,
            "occurred_at": recorded_at,
            "tenant": self.tenant,
            "command_id": f"command-{position}",
            "source": "test",
            "source_seq": None,
            "actor": {"kind": "operator", "id": "tester"},
            "on_behalf_of": None,
            "causation_id": None,
            "correlation_id": "test",
            "facts_position": None,
            "request_hash": None,
        }


def on_topic(event: Recorded, *, offset: int) -> FakeRecord:
    headers = [
        ("version", event.version.to_bytes(8, "big")),
        ("position", event.position.to_bytes(8, "big")),
        ("incarnation", b"test"),
        ("leaf", bytes(32)),
    ]
    return FakeRecord(
        event.shard, offset, event.stream_id.encode(), codec.frame(event.fingerprint, event.body), headers
    )


def line(code: int, side: str, amount: int, lot: str | None = None) -> dict[str, Any]:
    """A journal line."""
    return {"code": code, "side": side, "amount": amount, "lot": lot}


def item(charged: int = 0, **fields: Any) -> dict[str, Any]:
    """A charge line."""
    usual = {
        "attempt_id": "attempt",
        "occurred_at": NOW,
        "decision": 0,
        "price": 0,
        "outcome": "charged" if charged else "price_zero",
        "input": 0,
        "cache_read": 0,
        "output": 0,
        "charged": charged,
        "provider_cost": None,
        "detail": None,
    }
    return {**usual, **fields}


def detail(**fields: Any) -> dict[str, Any]:
    """What few charge lines have."""
    usual = {
        "other_buckets": [],
        "reported_cost": None,
        "suspense": None,
        "status": "final",
        "operation": "generate",
        "source": None,
        "request_id": None,
        "operation_id": None,
        "runtime": None,
        "fallback_from": None,
        "tags": [],
    }
    return {**usual, **fields}


def price(model: str = "model-a", cost_currency: str | None = None, provider: str | None = "vendor") -> dict[str, Any]:
    cost = None
    if cost_currency:
        cost = {
            "version": "cost-1",
            "list": "cost",
            "account_specific": False,
            "currency": cost_currency,
            "per_request_femto": None,
            "unit_prices": [{"bucket": "input", "femto_per_unit": 1}],
        }
    return {"model": model, "provider": provider, "charge": None, "cost": cost}


def decision(**fields: Any) -> dict[str, Any]:
    """Who pays for a line."""
    usual = {
        "workspace_id": "ws",
        "mode": "platform_managed",
        "mode_source": "derived_default",
        "policy": "P4",
        "registry_version": None,
        "payer": "main",
        "payer_reason": "pinned",
        "credential": "platform",
        "route_mismatch": False,
        "capability": "chat",
        "detail": None,
    }
    return {**usual, **fields}


def attribution(**of: str) -> dict[str, str | None]:
    """For whom it was used."""
    return {"user": None, "workspace": None, "key": None, "team": None, "end_user": None, **of}


def attributed(**of: str) -> dict[str, Any]:
    """A decision with an attribution."""
    detail = {"used_by": None, "bill_to_rejected": None, "attribution_rejected": None, "run_id": None}
    return decision(detail={**detail, "attribution": attribution(**of)})


def resolution(mode: str, source: str) -> dict[str, Any]:
    return {"mode": mode, "source": source, "provider": None, "policy": "P4", "registry_version": None}
