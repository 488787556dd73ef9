"""The facts of a row, read through the port as a resolver's sources are: an unreadable one fails when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from usage_ledger.workspaces.resolver.fact_reader import FactReader, FactReaders, FactUnreadable, take_snapshot
from usage_ledger.workspaces.resolver.facts import Facts

T = TypeVar("T")


def facts_of(row: Mapping[str, str]) -> Facts:
    """One snapshot. ``none`` is no value; names stand apart by a space."""
    readers = FactReaders(
        override=_stated(_text(row["override"]), row["override_state"]),
        org_default=_stated(_text(row["org_default"]), row["org_default_state"]),
        runtime=_recorded(_text(row["runtime"])),
        model=_recorded(_text(row["model"])),
        workspace_credentials=_recorded(_names(row["workspace_credentials"])),
        tenant_credentials=_recorded(_names(row["tenant_credentials"])),
        is_proxy_wired=row["proxy"] == "wired",
    )
    return take_snapshot(readers, has_workspace=row["workspace_id"] == "present")


def _stated(text: str | None, state: str) -> FactReader[str | None]:
    return _unreadable if state == "unreadable" else _recorded(text)


def _recorded(value: T) -> FactReader[T]:
    return lambda: value


def _unreadable() -> str | None:
    raise FactUnreadable


def _text(cell: str) -> str | None:
    return None if cell == "none" else cell


def _names(cell: str) -> tuple[str, ...]:
    return () if cell == "none" else tuple(cell.split())
