"""Folds the new events of a batch, in order, into what changes in each view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from usage_ledger_views.event import Event
from usage_ledger_views.projecting.screening import DETAIL_MAX_CHARACTERS
from usage_ledger_views.view import View


class ApplyFailed(Exception):
    """An event that a view's applier cannot take in. The changes that were being folded are lost."""

    def __init__(self, event: Event, view: str, error: Exception) -> None:
        detail = f"{view}: {type(error).__name__}: {error}"[:DETAIL_MAX_CHARACTERS]
        super().__init__(detail)
        self.event = event
        self.detail = detail


def fold(views: Iterable[View[Any]], events: Iterable[Event]) -> list[tuple[View[Any], Any]]:
    """Each view with its changes. Raises ApplyFailed, naming the event."""
    changed = [(view, view.empty()) for view in views]
    for event in events:
        for view, changes in changed:
            apply = view.appliers.get(event.name)
            if apply is None:
                continue
            try:
                apply(changes, event)
            except Exception as error:
                raise ApplyFailed(event, view.name, error) from error
    return changed
