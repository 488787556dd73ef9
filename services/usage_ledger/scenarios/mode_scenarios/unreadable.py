"""Sources that fail when they are read, as the rules see one that is down."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from msgspec.structs import replace

from usage_ledger.scenarios.mode_scenarios.scenario import Source
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt, stored_facts
from usage_ledger.workspaces.resolver.fact_reader import FactReaders, FactUnreadable


def readers_without(unreadable: Collection[Source]) -> ReadersAt:
    """Every source but these answers what is stored. Of credentials it is the organization's that fail."""

    def readers_at(sources: ModeSources, instant: int) -> FactReaders:
        readers = stored_facts(sources, instant)
        if "model" in unreadable:
            readers = replace(readers, model=_fails)
        if "credentials" in unreadable:
            readers = replace(readers, tenant_credentials=_fails)
        return readers

    return readers_at


def _fails() -> NoReturn:
    raise FactUnreadable
