"""How often the interpreter looks for garbage in cycles.

A process of ours makes very many small records that die young and in no cycle: counting references frees them. What
stays, a cache of streams and prices, is large and lives long. Python's own thresholds walk through it again and again;
with these it does so a hundred times more seldom. Memory is bounded as before: by the caches' limits.
"""

from __future__ import annotations

import gc
from typing import Final

_YOUNG_OBJECTS: Final = 50_000
_YOUNG_COLLECTIONS: Final = 20
_MIDDLE_COLLECTIONS: Final = 50


def collect_rarely() -> None:
    """Call once everything is imported and before work begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _YOUNG_COLLECTIONS, _MIDDLE_COLLECTIONS)
