"""MapModel: usage under one name is priced as another model (P4)."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.pricing.commands import MapModel
from usage_ledger.pricing.events import ModelMapped
from usage_ledger.refusals import Refusal
from usage_ledger.streams import price_stream

ALWAYS: Final = 0
"""Microseconds UTC: before any usage."""


class ModelMapping(msgspec.Struct, frozen=True):
    """The answer; ``effective_from`` is microseconds UTC."""

    alias: str
    model: str
    effective_from: int


def map_model(command: MapModel, decision: Decision) -> ModelMapping:
    """Map a name to a model; to itself, and it stands for itself again.

    The first mapping of a name says what it always meant, unless it says since when; a later one holds from now on.
    Raises ``Refusal('alias_cycle')`` when the model leads back to the name.
    """
    aliases = decision.facts.prices.aliases
    if command.alias != command.model and command.alias in aliases.leads_to(command.model):
        raise Refusal("alias_cycle", "by earlier mappings this model leads back to the alias")
    effective_from = command.effective_from
    if effective_from is None:
        effective_from = decision.recorded_at if aliases.is_mapped(command.alias) else ALWAYS
    mapped = ModelMapped(command.alias, command.model, effective_from)
    decision.record(price_stream(command.alias), mapped)
    return ModelMapping(mapped.alias, mapped.model, mapped.effective_from)
