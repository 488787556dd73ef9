"""Who caused what a list shows; opaque ids."""

from __future__ import annotations

import msgspec


class ActorAnswer(msgspec.Struct, frozen=True):
    """``kind``: user, service_key, operator, provider, system."""

    kind: str
    id: str


def behalf_answer(kind: str | None, identifier: str | None) -> ActorAnswer | None:
    """For whom it was done, where it was done for another one."""
    return None if kind is None or identifier is None else ActorAnswer(kind, identifier)
