"""What an operator stated about the deployment. It is never inferred from a server's own environment."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class ProxyWired(EventPayload, frozen=True):
    """A metered proxy is wired: by default the platform is paid."""

    deployment: str


class ProxyUnwired(EventPayload, frozen=True):
    """No metered proxy is wired: by default workspaces use their own credentials."""

    deployment: str
