"""A provider registry as it is published (billing-mode 4). A member that is not known is an error, never ignored."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
"""Names end up in events and views: no control characters."""

_Note = Annotated[str, msgspec.Meta(max_length=1024, pattern=r"\A[^\x00]*\Z")]


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model matches when it starts with one of the prefixes or equals one of ``whole``."""

    prefixes: tuple[_Text, ...]
    whole: tuple[_Text, ...]
    ignore_case: bool


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who serves models. Any one of ``auth_names`` suffices."""

    name: _Text
    auth_names: tuple[_Text, ...]
    auth_kind: _Text
    match: Match
    upstream_vendor: _Text | None = None
    note: _Note | None = None


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider on a runtime. Without models it is name-only: reached by match, on no menu."""

    provider: _Text
    models: tuple[_Text, ...]


class Runtime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What runs workspaces, with its arms in the order in which they are preferred."""

    name: _Text
    arms: tuple[Arm, ...]


class GuardedNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``extra`` is guarded although no provider accepts it; no rule reads ``original_list``."""

    extra: tuple[_Text, ...]
    original_list: tuple[_Text, ...] = ()


class RegistryContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version. ``effective_from`` is RFC 3339 text."""

    format: Literal["provider-registry/1"]
    version: _Text
    effective_from: _Text
    closed_provider: _Text
    providers: tuple[Provider, ...]
    runtimes: tuple[Runtime, ...]
    unmanaged_runtimes: tuple[_Text, ...]
    guarded_names: GuardedNames


def read_content(text: bytes) -> RegistryContent:
    """Raises msgspec.ValidationError or DecodeError, which say what does not fit and where."""
    return msgspec.json.decode(text, type=RegistryContent)


def canonical_json(content: RegistryContent) -> bytes:
    """With sorted members: how a file is laid out is no part of it."""
    return msgspec.json.encode(content, order="sorted")


def digest_of(content: RegistryContent) -> str:
    """SHA-256 in hex over the canonical JSON."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
