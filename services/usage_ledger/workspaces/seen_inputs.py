"""The inputs of one decision as people and records see them: each with its state; of credentials only names."""

from __future__ import annotations

from usage_ledger.workspaces.events import SeenInput
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import Credentials, Input


def seen_inputs(facts: Facts) -> tuple[SeenInput, ...]:
    """Everything that was looked at, whatever the policy makes of it."""
    credentials = facts.credentials
    return (
        _seen("override", facts.override),
        _seen("org_default", facts.org_default),
        _seen("runtime", facts.runtime),
        _seen("model", facts.model),
        _seen_names("workspace_credentials", credentials, credentials.workspace),
        _seen_names("tenant_credentials", credentials, credentials.tenant),
        SeenInput("proxy", "recognised", "wired" if facts.is_proxy_wired else "not_wired"),
    )


def _seen(name: str, given: Input) -> SeenInput:
    return SeenInput(name, given.state, given.value)


def _seen_names(name: str, credentials: Credentials, names: frozenset[str]) -> SeenInput:
    if not credentials.is_readable:
        return SeenInput(name, "unreadable", None)
    return SeenInput(name, "recognised", " ".join(sorted(names))) if names else SeenInput(name, "absent", None)
