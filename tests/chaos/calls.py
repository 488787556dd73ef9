"""Makes the calls to models that a client then reports; each has an id that nobody else uses."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from chaos import world
from chaos.record import Item, Record
from chaos.world import Model, Workspace

MAX_BATCH_ITEMS = 30
# So often a request has calls of several tenants, and is split over the shards.
_MIXED = 0.3
# So often a call is to a model that has no price yet.
_EARLY = 0.05


class Stage:
    """What calls may refer to at the moment. Grows while the campaign goes on."""

    def __init__(self) -> None:
        self.workspaces = world.workspaces()
        self.models: list[Model] = [world.FIRST_MODEL]
        self.late_generation = 0
        self.early_model = world.later_model(1)
        """Nobody has published its price yet."""

    def late(self) -> list[Workspace]:
        """Workspaces that nobody has registered yet."""
        return [world.late_workspace(tenant, self.late_generation) for tenant in world.TENANTS]


class Calls:
    """Of one client, with a source of chance of its own. Whatever it makes is in the record."""

    def __init__(self, name: str, stage: Stage, record: Record, chance: random.Random) -> None:
        self.name = name
        self._stage = stage
        self._record = record
        self._chance = chance
        self._made = 0

    def batch(self) -> list[Item]:
        """Of one tenant, or of anybody."""
        everybody = self._stage.workspaces
        if self._chance.random() < _MIXED:
            return self._batch(everybody)
        tenant = self._chance.choice(world.TENANTS)
        return self._batch([workspace for workspace in everybody if workspace.tenant == tenant])

    def late_batch(self) -> list[Item]:
        """Of a workspace that nobody has registered."""
        return self._batch([self._chance.choice(self._stage.late())], is_late=True)

    def next_number(self) -> int:
        self._made += 1
        return self._made

    def _batch(self, workspaces: Sequence[Workspace], *, is_late: bool = False) -> list[Item]:
        now = datetime.now(UTC).isoformat()
        size = self._chance.randint(1, MAX_BATCH_ITEMS)
        items = [self._item(self._chance.choice(workspaces), now, is_late=is_late) for _ in range(size)]
        self._record.sends(items)
        return items

    def _item(self, workspace: Workspace, now: str, *, is_late: bool) -> Item:
        is_early = self._chance.random() < _EARLY
        model = self._stage.early_model if is_early else self._chance.choice(self._stage.models)
        tokens = self._chance.randint(1, 3_000), self._chance.randint(0, 800)
        return Item(
            workspace.tenant,
            f"call-{self.name}-{self.next_number()}",
            workspace.workspace_id,
            workspace.account_id,
            model.name,
            *tokens,
            model.charge(*tokens),
            now,
            is_late,
            is_early,
        )
