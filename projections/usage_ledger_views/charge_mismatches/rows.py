"""What a row of ``views.charge_mismatches`` says, and what of it is at stake."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

PLATFORM_KEY_UNDER_BYOK: Final = "platform_key_under_byok"
"""The platform's credential served a call of a byok decision, and at most a fee was charged: the platform paid."""

PLATFORM_FALLBACK: Final = "platform_fallback"
"""The same, but declared as a fallback: it was charged as the platform's usage."""

OWN_KEY_CHARGED: Final = "own_key_charged"
"""The customer's own credential served a call of a platform_managed decision: it was paid for twice."""

MODE_DISABLED: Final = "mode_disabled"
"""Usage of a workspace or a run that may not use any: refused, though it was consumed."""

KINDS: Final = (PLATFORM_KEY_UNDER_BYOK, PLATFORM_FALLBACK, OWN_KEY_CHARGED, MODE_DISABLED)


class AttemptName(NamedTuple):
    """Whose attempt it is, and its id: unique (U3)."""

    tenant: str
    source: str
    attempt_id: str


class Recorded(NamedTuple):
    """When and where history says so; ``recorded_at`` is microseconds UTC."""

    recorded_at: int
    position: int
    place: int


class Mismatch(NamedTuple):
    """The columns of ``views.charge_mismatches`` after its key, in the table's order."""

    kind: str
    workspace_id: str
    account_id: str | None
    run_id: str | None
    mode: str
    mode_source: str | None
    policy: str | None
    registry_version: str | None
    credential: str
    provider: str | None
    model: str
    input_tokens: int | None
    cache_read_tokens: int | None
    output_tokens: int | None
    charged: int | None
    currency: str | None
    provider_cost: int | None
    cost_currency: str | None
    exposure: int | None
    exposure_currency: str | None
    occurred_at: int
    recorded_at: int
    position: int
    place: int


class KeptUsage(NamedTuple):
    """An item in quarantine as far as it matters here: nano-units, microseconds UTC; ``raw`` is JSON."""

    workspace_id: str
    amount_at_risk: int | None
    currency: str | None
    occurred_at: int
    raw: bytes


def kind_of(decision: dict[str, Any]) -> str | None:
    """None where who paid is who was to pay. What the gateway did not observe contradicts nothing."""
    mismatched: bool = decision["route_mismatch"]
    if decision["mode"] != "byok":
        return OWN_KEY_CHARGED if mismatched else None
    if decision["credential"] != "platform":
        return None
    return PLATFORM_KEY_UNDER_BYOK if mismatched else PLATFORM_FALLBACK


def exposure_of(
    kind: str, charged: tuple[int, str | None], cost: tuple[int | None, str | None]
) -> tuple[int | None, str | None]:
    """What the platform paid and charged nobody for, or charged and may have to give back; a fallback is settled."""
    if kind == PLATFORM_KEY_UNDER_BYOK:
        return cost
    return charged if kind == OWN_KEY_CHARGED else (0, charged[1])


def refused(kept: KeptUsage, recorded: Recorded) -> Mismatch:
    """Usage of a disabled workspace, with its tokens and its route. What it cost is known if the item reported it."""
    sent: dict[str, Any] = msgspec.json.decode(kept.raw)
    counted: dict[str, int] | None = sent.get("usage")
    return Mismatch(
        kind=MODE_DISABLED,
        workspace_id=kept.workspace_id,
        account_id=None,
        run_id=sent.get("run_id"),
        mode="disabled",
        mode_source=None,
        policy=None,
        registry_version=None,
        credential=sent.get("credential") or "UNKNOWN",
        provider=sent.get("provider"),
        model=sent["model"],
        input_tokens=_count(counted, "input_tokens"),
        cache_read_tokens=_count(counted, "cache_read_tokens"),
        output_tokens=_count(counted, "output_tokens"),
        charged=None,
        currency=None,
        provider_cost=kept.amount_at_risk,
        cost_currency=kept.currency,
        exposure=kept.amount_at_risk,
        exposure_currency=kept.currency,
        occurred_at=kept.occurred_at,
        recorded_at=recorded.recorded_at,
        position=recorded.position,
        place=recorded.place,
    )


def _count(counted: dict[str, int] | None, bucket: str) -> int | None:
    return None if counted is None else counted.get(bucket, 0)
