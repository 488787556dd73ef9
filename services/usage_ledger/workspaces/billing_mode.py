"""Whether the platform is to be paid for a workspace's calls: the resolver, a pure function of facts.

Rungs are asked in order and the first that has an answer decides: the workspace's override, the provider derived from
its model, the deployment's default. Provider derivation needs a provider registry; while none is in force that rung is
``not_available``, stays visible in the trail and the walk goes on. The last rung always decides.

What this module does not do: choose the paying account (``payer.py``), or judge what a gateway observed.
"""

from __future__ import annotations

from itertools import product
from typing import Final, Literal, get_args

import msgspec

BillingMode = Literal["platform_managed", "byok", "disabled"]
ModeSource = Literal["workspace_override", "derived_default"]

MODES: Final[tuple[BillingMode, ...]] = get_args(BillingMode)

POLICY: Final = "P4"
"""The policy in force where none was activated."""

DERIVED_BY: Final = "registry_unavailable"
"""Why no provider is derived: no registry version is in force."""


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """What the rules answer, as events keep it. ``source`` names the rung that decided."""

    mode: BillingMode
    source: ModeSource
    provider: str | None
    policy: str
    registry_version: str | None


class Rung(msgspec.Struct, frozen=True, gc=False):
    """One step of the walk: what it saw, what it would answer, and whether it decided."""

    name: str
    state: str
    value: str | None
    decided: bool


def resolve(override: BillingMode | None, wired: bool) -> Resolution:
    """The mode of a workspace with this override on a deployment with or without a wired proxy (policy P4)."""
    return _RESOLUTIONS[override, wired]


def trail(override: BillingMode | None, wired: bool) -> tuple[Rung, ...]:
    """Every rung in order, for whoever asks why."""
    return _TRAILS[override, wired]


def _resolution(override: BillingMode | None, wired: bool) -> Resolution:
    mode: BillingMode = override or _deployment_default(wired)
    source: ModeSource = "workspace_override" if override else "derived_default"
    return Resolution(mode, source, provider=None, policy=POLICY, registry_version=None)


def _trail(override: BillingMode | None, wired: bool) -> tuple[Rung, ...]:
    return (
        Rung("workspace_override", "recognised" if override else "absent", override, decided=override is not None),
        Rung("derived_provider", "not_available", None, decided=False),
        Rung(
            "derived_default",
            "proxy_wired" if wired else "proxy_not_wired",
            _deployment_default(wired),
            decided=override is None,
        ),
    )


def _deployment_default(wired: bool) -> BillingMode:
    return "platform_managed" if wired else "byok"


_INPUTS: Final[list[tuple[BillingMode | None, bool]]] = list(product((None, *MODES), (False, True)))

# There are only eight questions, and usage asks them for every workspace of every batch: each is answered once.
_RESOLUTIONS: Final = {given: _resolution(*given) for given in _INPUTS}
_TRAILS: Final = {given: _trail(*given) for given in _INPUTS}
