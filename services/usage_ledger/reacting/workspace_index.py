"""The port to the workspaces that a fact about billing modes concerns, found page by page."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from usage_ledger.recorded_event import EventPayload


class Concerned(NamedTuple):
    """Whose workspaces: None stands for any. An organization and a workspace are named with their tenant."""

    tenant: str | None = None
    organization_id: str | None = None
    workspace_id: str | None = None


ALL = Concerned()


class WorkspacePlace(NamedTuple):
    """A workspace. In this order they are paged through: tenant by tenant."""

    shard: int
    tenant: str
    workspace_id: str


BEFORE_EVERY_WORKSPACE = WorkspacePlace(-1, "", "")


class WorkspaceIndex(Protocol):
    """What is found may change before the command that follows: that asks again, under the lock."""

    def workspaces(self, concerned: Concerned, after: WorkspacePlace, limit: int) -> list[WorkspacePlace]:
        """Registered workspaces above ``after``, in order."""
        ...

    def announced_for(self, instant: int) -> list[EventPayload]:
        """Policies and registries that take effect at the instant (microseconds UTC), in order of recording."""
        ...
