"""The policies P1 to P6 as data (billing-mode 5): rungs in order, last rung, unreadable answer, guard."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from usage_ledger.workspaces.billing_mode import ModeSource

RungName = Literal["workspace_override", "org_default", "derived_provider"]
Guard = Literal["mode", "model_first", "model_only"]
Default = Literal["platform_managed", "deployment_default"]
"""A constant, or what the deployment's proxy makes of it."""


class Policy(msgspec.Struct, frozen=True):
    """``on_unreadable`` answers for an override or org default that cannot be read; unused where neither is a rung.

    ``derives_before_creation``: whether a question without a workspace looks at the model that is given.
    ``needs_key_on_proxy``: with a wired proxy, a vendor provider decides only where one of its keys is stored.
    """

    name: str
    rungs: tuple[RungName, ...]
    last_rung: Default
    last_source: ModeSource
    on_unreadable: Default
    guard: Guard
    derives_before_creation: bool
    needs_key_on_proxy: bool = False


_OVERRIDE: Final[RungName] = "workspace_override"
_ORG: Final[RungName] = "org_default"
_DERIVE: Final[RungName] = "derived_provider"

_ALL: Final = (
    Policy("P1", (_OVERRIDE, _ORG), "platform_managed", "constant_fallback", "platform_managed", "mode", False),
    Policy("P2a", (_OVERRIDE, _DERIVE), "platform_managed", "derived_default", "platform_managed", "mode", False),
    Policy("P2b", (_OVERRIDE, _DERIVE), "deployment_default", "derived_default", "platform_managed", "mode", False),
    Policy(
        "P3", (_OVERRIDE, _ORG, _DERIVE), "deployment_default", "derived_default", "platform_managed", "mode", False
    ),
    Policy(
        "P4", (_OVERRIDE, _DERIVE), "deployment_default", "derived_default", "deployment_default", "model_first", True
    ),
    Policy("P5", (_DERIVE,), "deployment_default", "derived_default", "deployment_default", "model_only", True),
    Policy("P6", (_DERIVE,), "deployment_default", "derived_default", "deployment_default", "model_only", True, True),
)

POLICIES: Final = {policy.name: policy for policy in _ALL}
"""Every policy by its name."""
