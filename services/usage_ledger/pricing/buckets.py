"""The units that usage is counted and priced in (U7): disjoint, so that no unit is ever priced twice."""

from __future__ import annotations

TOKEN_BUCKETS = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "image_output",
)
"""Counted in tokens."""

COUNT_BUCKETS = ("images", "requests", "characters", "audio_milliseconds", "searches")
"""Counted in the unit of their name."""

BUCKETS = frozenset(TOKEN_BUCKETS + COUNT_BUCKETS)
