"""Everything that one decision looks at, taken once."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.workspaces.resolver.inputs import ABSENT, Credentials, Input


class Facts(msgspec.Struct, frozen=True):
    """One snapshot. ``has_workspace`` is False in a question that is asked before there is a workspace.

    There is no override then, whatever is handed in.
    """

    has_workspace: bool
    override: Input
    org_default: Input
    runtime: Input
    model: Input
    credentials: Credentials
    is_proxy_wired: bool


NO_FACTS: Final = Facts(
    has_workspace=True,
    override=ABSENT,
    org_default=ABSENT,
    runtime=ABSENT,
    model=ABSENT,
    credentials=Credentials(),
    is_proxy_wired=False,
)
"""A workspace of which nothing is known but that it exists."""
