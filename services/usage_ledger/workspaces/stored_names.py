"""The credential names of one scope by time, each with the fingerprint of what is stored under it now."""

from __future__ import annotations

from usage_ledger.timeline import Timeline

NameChange = tuple[int, list[str], list[str]]
"""From when on (microseconds UTC), the names that were added then, and those that were taken away."""

NamesState = tuple[dict[str, str], list[NameChange]]
"""Fingerprints by name, and every change of the names."""


class StoredNames:
    """``names`` are in capitals, as they are compared. Times are microseconds UTC."""

    __slots__ = ("fingerprints", "names")

    def __init__(self) -> None:
        self.fingerprints: dict[str, str] = {}
        self.names: Timeline[frozenset[str]] = Timeline(frozenset())

    def add(self, name: str, fingerprint: str, since: int) -> None:
        self.fingerprints[name] = fingerprint
        if name not in self.names.latest:
            self.names.change(since, self.names.latest | {name})

    def remove(self, name: str, since: int) -> None:
        self.fingerprints.pop(name, None)
        if name in self.names.latest:
            self.names.change(since, self.names.latest - {name})

    def state(self) -> NamesState:
        """For a snapshot: what each change added and took away. Whole sets would grow with the square of changes."""
        changes: list[NameChange] = []
        before: frozenset[str] = frozenset()
        for since, names in self.names.changes():
            changes.append((since, sorted(names - before), sorted(before - names)))
            before = names
        return dict(sorted(self.fingerprints.items())), changes

    def restore(self, fingerprints: dict[str, str], changes: list[NameChange]) -> None:
        """What ``state`` saw."""
        self.fingerprints = fingerprints
        for since, added, removed in changes:
            self.names.change(since, self.names.latest.union(added).difference(removed))
