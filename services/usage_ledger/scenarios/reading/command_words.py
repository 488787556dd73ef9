"""What the fields of all commands have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from usage_ledger.scenarios.reading.fields import Kind, label, record, time
from usage_ledger.scenarios.reading.misfit import Misfit
from usage_ledger.scenarios.reading.node import Node

_EVERY: Final[Mapping[str, Kind]] = {"id": label, "source": label, "at": time}
"""What every command may carry."""


of_account: Final[Mapping[str, Kind]] = {"account": label}


def command(kinds: Mapping[str, Kind], *needs: str) -> Kind:
    """A command by its own fields, of which some have to be there."""
    return record({**kinds, **_EVERY}, needs)


def with_one_of(kind: Kind, *choices: tuple[str, str]) -> Kind:
    """Of each pair exactly one has to be there."""

    def read(node: Node) -> dict[str, Any]:
        for first, second in choices:
            if (first in node.members()) == (second in node.members()):
                raise Misfit(node.line, f"expected either {first} or {second}")
        return kind(node)

    return read
