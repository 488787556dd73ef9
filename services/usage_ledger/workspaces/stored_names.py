"""The credential names of one scope by time, each with the fingerprint of what is stored under it now."""

from __future__ import annotations

from usage_ledger.timeline import Timeline


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

    def state(self) -> tuple[dict[str, str], list[tuple[int, list[str]]]]:
        """For a snapshot: fingerprints by name, and every change of the names."""
        return dict(sorted(self.fingerprints.items())), [
            (since, sorted(names)) for since, names in self.names.changes()
        ]

    def restore(self, fingerprints: dict[str, str], changes: list[tuple[int, list[str]]]) -> None:
        """What ``state`` saw."""
        self.fingerprints = fingerprints
        self.names.change_all((since, frozenset(names)) for since, names in changes)
