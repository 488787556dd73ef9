"""The rules' answer for one workspace and a span of time, kept so that usage need not ask them for every batch."""

from __future__ import annotations

import msgspec

from usage_ledger.workspaces.billing_mode import Resolution

FactVersions = tuple[int, int, int]
"""Versions of the organization's, the deployment's and the governance stream that the answer was made from."""


class RememberedMode(msgspec.Struct, frozen=True, gc=False):
    """Holds for instants in [``since``, ``until``), microseconds UTC, as long as the facts are of these versions."""

    since: int
    until: int
    resolution: Resolution
    versions: FactVersions
