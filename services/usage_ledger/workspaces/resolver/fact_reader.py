"""The port through which inputs reach the resolver: one reader a source, so that each can fail by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

import msgspec

from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import (
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    Input,
    credential_name,
    model_input,
    org_default_input,
    override_input,
    runtime_input,
)

T_co = TypeVar("T_co", covariant=True)


class FactUnreadable(Exception):
    """A source could not answer. It never means that there is no fact."""


class FactReader(Protocol[T_co]):
    """One source of one fact; None where none is recorded. Raises FactUnreadable."""

    def __call__(self) -> T_co: ...


class FactReaders(msgspec.Struct, frozen=True):
    """The sources of one decision. The proxy is an operator's statement: none recorded means not wired."""

    override: FactReader[str | None]
    org_default: FactReader[str | None]
    runtime: FactReader[str | None]
    model: FactReader[str | None]
    workspace_credentials: FactReader[Collection[str]]
    tenant_credentials: FactReader[Collection[str]]
    is_proxy_wired: bool


def take_snapshot(readers: FactReaders, *, has_workspace: bool = True) -> Facts:
    """Reads every source exactly once. Before there is a workspace there is no override to read."""
    return Facts(
        has_workspace=has_workspace,
        override=_input(readers.override, override_input) if has_workspace else override_input(None),
        org_default=_input(readers.org_default, org_default_input),
        runtime=_input(readers.runtime, runtime_input),
        model=_input(readers.model, model_input),
        credentials=_credentials(readers.workspace_credentials, readers.tenant_credentials),
        is_proxy_wired=readers.is_proxy_wired,
    )


def _input(reader: FactReader[str | None], normalised: Callable[[str | None], Input]) -> Input:
    try:
        return normalised(reader())
    except FactUnreadable:
        return UNREADABLE


def _credentials(workspace: FactReader[Collection[str]], tenant: FactReader[Collection[str]]) -> Credentials:
    """Of one scope alone nobody could say what is missing, so both are unreadable then."""
    try:
        return Credentials(_names(workspace()), _names(tenant()))
    except FactUnreadable:
        return UNREADABLE_CREDENTIALS


def _names(texts: Collection[str]) -> frozenset[str]:
    return frozenset(map(credential_name, texts))
