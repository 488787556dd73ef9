"""Under which model's prices usage is found: recorded aliases, by the time they hold from (P4)."""

from __future__ import annotations

from typing import NamedTuple

from usage_ledger.pricing.events import ModelMapped
from usage_ledger.timeline import BEGINNING, END


class _Mapping(NamedTuple):
    effective_from: int
    model: str
    position: int


class Resolved(NamedTuple):
    """The model whose prices count, for usage that occurred in [``holds_from``, ``holds_to``), microseconds UTC."""

    model: str
    holds_from: int
    holds_to: int


class Aliases:
    """Folded from the price streams. Of the mappings that hold, the latest recorded counts."""

    __slots__ = ("_by_alias",)

    def __init__(self) -> None:
        self._by_alias: dict[str, list[_Mapping]] = {}

    def apply(self, mapped: ModelMapped, position: int) -> None:
        mapping = _Mapping(mapped.effective_from, mapped.model, position)
        self._by_alias.setdefault(mapped.alias, []).append(mapping)

    def is_mapped(self, alias: str) -> bool:
        return alias in self._by_alias

    def resolve(self, model: str, occurred_at: int, known_at: int) -> Resolved:
        """Follows mappings to their end. A name that was met before ends it, so that no mapping can go round."""
        met = {model}
        holds_from, holds_to = BEGINNING, END
        while mappings := self._by_alias.get(model):
            known = [mapping for mapping in mappings if mapping.position <= known_at]
            since, until = _interval(known, occurred_at)
            holds_from, holds_to = max(holds_from, since), min(holds_to, until)
            holding = [mapping for mapping in known if mapping.effective_from <= occurred_at]
            if not holding or holding[-1].model in met:
                break
            model = holding[-1].model
            met.add(model)
        return Resolved(model, holds_from, holds_to)

    def names_of(self, model: str) -> set[str]:
        """Every name that was ever mapped to the model, by however many steps, itself included."""
        found = {model}
        while more := {alias for alias, mappings in self._by_alias.items() if _lead_into(mappings, found)} - found:
            found |= more
        return found

    def leads_to(self, model: str) -> set[str]:
        """Every name that the model was ever mapped to, by however many steps, itself included."""
        found: set[str] = set()
        open_names = [model]
        while open_names:
            name = open_names.pop()
            if name not in found:
                found.add(name)
                open_names += [mapping.model for mapping in self._by_alias.get(name, ())]
        return found


def _lead_into(mappings: list[_Mapping], names: set[str]) -> bool:
    return any(mapping.model in names for mapping in mappings)


def _interval(mappings: list[_Mapping], occurred_at: int) -> tuple[int, int]:
    begins = [mapping.effective_from for mapping in mappings]
    return (
        max((begin for begin in begins if begin <= occurred_at), default=BEGINNING),
        min((begin for begin in begins if begin > occurred_at), default=END),
    )
