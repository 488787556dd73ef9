"""What a table of billing-mode scenarios says: steps, each a state before, one command, and what holds after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from usage_ledger.scenarios.translating.asked import Asked
from usage_ledger.workspaces.events import WorkspaceKind

TENANT: Final = "rehearsed"
WORKSPACE: Final = "ws-rehearsed"
"""The one workspace that a scenario is about; its organization is the tenant's own."""

Source = Literal["model", "credentials"]
"""An input that can fail to be read."""


class State(msgspec.Struct, frozen=True):
    """The facts that a mode is derived from. None is no value; of a workspace that is missing none is stored.

    Names are sorted.
    """

    policy: str
    is_proxy_wired: bool
    is_registered: bool
    kind: WorkspaceKind | None
    runtime: str | None
    model: str | None
    override: str | None
    workspace_credentials: tuple[str, ...]
    tenant_credentials: tuple[str, ...]


class ModeStep(msgspec.Struct, frozen=True):
    """``unreadable`` are the sources that fail from the command on. ``expected`` is by what is told of the step."""

    before: State
    unreadable: frozenset[Source]
    command: Asked
    expected: Mapping[str, str]


class ModeScenario(msgspec.Struct, frozen=True):
    """Steps one after another, on one workspace; ``file`` is the file's name."""

    case_id: str
    title: str
    steps: tuple[ModeStep, ...]
    file: str
