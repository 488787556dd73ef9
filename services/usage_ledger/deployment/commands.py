"""What an operator can state about the deployment."""

from __future__ import annotations

import msgspec


class WireProxy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """State that a metered proxy is wired."""


class UnwireProxy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """State that no metered proxy is wired."""
