"""Waiting for something that happens in another process."""

import time
from collections.abc import Callable

_PATIENCE_S = 30.0


def eventually(holds: Callable[[], object]) -> None:
    """Returns as soon as it holds; fails the test if it never does. How long it takes is nobody's claim."""
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"{holds} never came true"
        time.sleep(0.02)
