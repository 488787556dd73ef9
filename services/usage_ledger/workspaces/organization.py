"""An organization as far as billing modes go: its default mode, and the credential names that all workspaces see."""

from __future__ import annotations

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import Timeline
from usage_ledger.workspaces.events import CredentialNameAdded, CredentialNameRemoved, OrgDefaultCleared, OrgDefaultSet
from usage_ledger.workspaces.stored_names import NamesState, StoredNames


class Organization:
    """State of an organization's stream. ``default_mode`` is the text that is stored, None while there is none."""

    __slots__ = ("credentials", "default_mode", "version")

    def __init__(self) -> None:
        self.version = 0
        self.default_mode: Timeline[str | None] = Timeline(None)
        self.credentials = StoredNames()

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case OrgDefaultSet():
                self.default_mode.change(recorded_at, payload.mode)
            case OrgDefaultCleared():
                self.default_mode.change(recorded_at, None)
            case CredentialNameAdded():
                self.credentials.add(payload.name, payload.fingerprint, recorded_at)
            case CredentialNameRemoved():
                self.credentials.remove(payload.name, recorded_at)
            case _:
                pass

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode(_State(self.default_mode.changes(), self.credentials.state()))

    @classmethod
    def restore(cls, state: bytes, version: int) -> Organization:
        """What ``snapshot`` saw."""
        seen = msgspec.msgpack.decode(state, type=_State)
        organization = cls()
        organization.version = version
        organization.default_mode.change_all(seen.default_mode)
        organization.credentials.restore(*seen.credentials)
        return organization


class _State(msgspec.Struct, array_like=True):
    default_mode: list[tuple[int, str | None]]
    credentials: NamesState
