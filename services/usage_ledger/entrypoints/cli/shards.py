"""Options of the processes that share shards by leases."""

from __future__ import annotations

from collections.abc import Iterable

import click

from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S, Leases
from usage_ledger.adapters.postgres.shared_leases import SharedLeases
from usage_ledger.settings import Settings

shard_option = click.option(
    "--shard",
    "only_shards",
    type=int,
    multiple=True,
    help="Serve only this shard; may be given several times. Default: an equal share of all, with the other workers.",
)
lease_option = click.option(
    "--lease-seconds",
    "lease_s",
    type=click.FloatRange(min=0.1),
    default=DEFAULT_LEASE_S,
    show_default=True,
    help="After this long without a sign of life another process takes over.",
)


def leases_on(job: str, settings: Settings, only_shards: tuple[int, ...], lease_s: float) -> Leases:
    """Of a worker that was told its shards, or of one that shares all of them. Raises click.BadParameter."""
    shards = shards_served(settings, only_shards)
    return Leases(job, shards, lease_s) if only_shards else SharedLeases(job, shards, lease_s)


def shards_served(settings: Settings, only_shards: Iterable[int]) -> list[int]:
    """The shards that this process may serve. Raises click.BadParameter for one that the store does not have."""
    wanted = sorted(set(only_shards))
    for shard in wanted:
        if not 0 <= shard < settings.shards:
            raise click.BadParameter(f"there is no shard {shard} among {settings.shards}")
    return wanted or list(range(settings.shards))
