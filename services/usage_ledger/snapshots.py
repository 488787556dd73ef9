"""When a snapshot is taken, and the version of the layout that snapshots have."""

from __future__ import annotations

SNAPSHOT_FORMAT = 6
"""Raised whenever an aggregate's snapshot changes its layout; snapshots of another format are not read."""

SNAPSHOT_EVERY = 256
"""Events of a stream between snapshots: bounds what loading it replays."""


def is_due(version_before: int, version_after: int) -> bool:
    """True when the stream passed a multiple of ``SNAPSHOT_EVERY``."""
    return version_before // SNAPSHOT_EVERY != version_after // SNAPSHOT_EVERY
