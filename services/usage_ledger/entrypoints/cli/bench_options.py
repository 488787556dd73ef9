"""Options of the benchmarks that send usage."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

import click

from usage_ledger.benchmarks.shapes import HOT, SHAPES, Shape

_OPTIONS = (
    click.option("--shape", type=click.Choice(["narrow", "wide"]), default="narrow", show_default=True),
    click.option("--hot", is_flag=True, help="One account instead of a shape."),
    click.option("--batch", type=click.IntRange(1, 1_000), default=100, show_default=True, help="Items a request."),
    click.option("--seconds", type=click.FloatRange(0.3), default=30.0, show_default=True, help="Time in all."),
    click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Parts of the time."),
)


class Load(NamedTuple):
    """What is sent, and for how long in all."""

    shape: Shape
    batch: int
    seconds: float
    rounds: int

    @classmethod
    def of(cls, *, shape: str, hot: bool, batch: int, seconds: float, rounds: int) -> Self:
        """The load that the options ask for."""
        return cls(HOT if hot else SHAPES[shape], batch, seconds, rounds)

    @property
    def round_s(self) -> float:
        """Seconds of a round."""
        return self.seconds / self.rounds

    def told(self) -> dict[str, object]:
        """The options, as an answer repeats them."""
        return {"shape": self.shape.name, "batch": self.batch}


def load_options(command: Callable[..., None]) -> Callable[..., None]:
    """Puts the options on a command, in their order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
