"""What is asked of a replay, and how far each shard of the store is folded to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
from psycopg import Connection

from usage_ledger.adapters.postgres.ledger_reader import store_shards
from usage_ledger.adapters.postgres.stored_history import last_position_by, last_positions
from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.positions import Position, is_position, position_of
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.streams import shard_of
from usage_ledger_views.replaying.stored_history import Selection


@dataclass(frozen=True, slots=True)
class Question:
    """``to`` is a position, a time in microseconds UTC, or None for all there is."""

    to: Position | int | None
    tenant: str | None
    account_id: str | None
    workspace_id: str | None

    @property
    def is_comparison(self) -> bool:
        """Only what the live views stand at can be compared with them."""
        return self.to is None and self.account_id is None and self.workspace_id is None

    @property
    def selection(self) -> Selection:
        names: list[str] = []
        if self.account_id is not None:
            names.append(f"account-{self.account_id}")
        if self.workspace_id is not None:
            names += [f"workspace-{self.workspace_id}", f"payer-{self.workspace_id}"]
        return Selection(self.tenant, tuple(names) or None)

    def shards(self, store: Connection[Any]) -> list[int]:
        """Those that may hold what is asked for. Raises click.BadParameter, psycopg.Error."""
        count = store_shards(store)
        shards = list(range(count)) if self.tenant is None else [shard_of(self.tenant, count)]
        if not isinstance(self.to, Position):
            return shards
        if self.to.shard not in shards:
            raise click.BadParameter(f"--to: {self.to} is a position of another shard than what is asked for")
        return [self.to.shard]

    def until(self, store: Connection[Any]) -> dict[int, int]:
        """The last position to fold, by shard. Raises click.BadParameter, psycopg.Error."""
        ends = last_positions(store)
        return {shard: self._until(store, shard, ends.get(shard, 0)) for shard in self.shards(store)}

    def _until(self, store: Connection[Any], shard: int, end: int) -> int:
        if self.to is None:
            return end
        if not isinstance(self.to, Position):
            return last_position_by(store, shard, end, self.to)
        if self.to.number > end:
            raise click.BadParameter(f"--to: the store ends at {Position(shard, end)}")
        return self.to.number


def point_of(text: str | None) -> Position | int | None:
    """A position or a time of the command line. Raises click.BadParameter."""
    try:
        if text is None:
            return None
        return position_of(text, "--to") if is_position(text) else parse_instant(text, "--to")
    except InvalidRequest as error:
        raise click.BadParameter(error.detail) from error
