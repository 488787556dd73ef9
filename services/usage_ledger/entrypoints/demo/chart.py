"""Bars in text."""

from collections.abc import Sequence
from typing import Final

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"


def columns(values: Sequence[int], height: int) -> list[str]:
    """Bars upwards, a column a value, as lines with the highest first. Whatever is above zero can be seen."""
    highest = max(values, default=0)
    if highest <= 0:
        return []
    eighths = [-(-value * height * 8 // highest) for value in values]
    return ["".join(_EIGHTHS[min(8, max(0, bar - row * 8))] for bar in eighths) for row in reversed(range(height))]


def bar(value: int, highest: int, width: int) -> str:
    """One bar from left to right."""
    return "█" * (-(-value * width // highest)) if highest > 0 else ""
