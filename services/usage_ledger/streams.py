"""Stream ids, tenants and shards.

A stream id is text and begins with its tenant, so that two tenants may use the same ids. A tenant lives in one shard.
"""

from __future__ import annotations

from hashlib import blake2b

PLATFORM = "platform"
"""The deployment's own tenant. Its facts (prices, proxy) are streams of shard 0."""

FACTS_SHARD = 0


def shard_of(tenant: str, shards: int) -> int:
    """The shard of a tenant: BLAKE2b-64 of its name modulo the shard count; ``platform`` is always in shard 0."""
    if tenant == PLATFORM:
        return FACTS_SHARD
    return int.from_bytes(blake2b(tenant.encode(), digest_size=8).digest(), "big") % shards


def account_stream(tenant: str, account_id: str) -> str:
    return f"{tenant}/account-{account_id}"


def workspace_stream(tenant: str, workspace_id: str) -> str:
    return f"{tenant}/workspace-{workspace_id}"


def organization_stream(tenant: str, organization_id: str) -> str:
    return f"{tenant}/organization-{organization_id}"


def payer_stream(tenant: str, workspace_id: str) -> str:
    return f"{tenant}/payer-{workspace_id}"


def metered_stream(tenant: str, workspace_id: str) -> str:
    """Usage of a workspace that nobody is charged for."""
    return f"{tenant}/metered-{workspace_id}"


def quarantine_stream(tenant: str) -> str:
    return f"{tenant}/quarantine"


def refusals_stream(tenant: str) -> str:
    return f"{tenant}/refusals"


def dividend_stream(tenant: str, dividend_id: str) -> str:
    return f"{tenant}/dividend-{dividend_id}"


def key_stream(tenant: str, key_id: str) -> str:
    return f"{tenant}/key-{key_id}"


def price_stream(model: str) -> str:
    return f"{PLATFORM}/price-{model}"


def pricing_policy_stream(tenant: str | None = None, account_id: str | None = None) -> str:
    """Of one account, or of all of them: an account's has a slash, so that none can pass for the default."""
    return f"{PLATFORM}/pricing-policy-{'default' if account_id is None else f'{tenant}/{account_id}'}"


def deployment_stream(deployment: str = "default") -> str:
    return f"{PLATFORM}/deployment-{deployment}"


def months_stream() -> str:
    return f"{PLATFORM}/months"


def governance_stream() -> str:
    """Which policy and which registry version judge billing modes, from when on."""
    return f"{PLATFORM}/governance"


_FACTS = (
    f"{PLATFORM}/price-",
    f"{PLATFORM}/pricing-policy-",
    f"{PLATFORM}/deployment-",
    months_stream(),
    governance_stream(),
)


def is_fact(stream_id: str) -> bool:
    """True for streams of deployment-wide facts, of which every appender keeps a copy."""
    return stream_id.startswith(_FACTS)


def tenant_of(stream_id: str) -> str:
    return stream_id.partition("/")[0]
