"""The registry version that comes with the package: the first one that an operator can publish."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from usage_ledger.workspaces.registry.content import RegistryContent, read_content
from usage_ledger.workspaces.registry.registry import Registry, make_registry

_PACKAGE = "usage_ledger.workspaces.registry"
_FILE = "2026-06-12.json"


def packaged_content() -> RegistryContent:
    return read_content(files(_PACKAGE).joinpath(_FILE).read_bytes())


@cache
def packaged_registry() -> Registry:
    """Read once a process."""
    return make_registry(packaged_content())
