"""The words of billing mode: what a workspace can be, and what the rules answer about it.

What this module does not do: resolve (``resolver/``), or choose the paying account (``payer.py``).
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

BillingMode = Literal["platform_managed", "byok", "disabled"]
ModeSource = Literal["workspace_override", "org_default", "derived_provider", "derived_default", "constant_fallback"]

MODES: Final[tuple[BillingMode, ...]] = get_args(BillingMode)

POLICY: Final = "P4"
"""The policy in force where none was activated."""


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """What the rules answer, as events keep it. ``source`` names the rung that decided."""

    mode: BillingMode
    source: ModeSource
    provider: str | None
    policy: str
    registry_version: str | None


class Rung(msgspec.Struct, frozen=True, gc=False):
    """One step of the walk: what it saw, what it would answer, and whether it decided.

    Of unknown text ``value`` is that text, as it is stored.
    """

    name: str
    state: str
    value: str | None
    decided: bool
