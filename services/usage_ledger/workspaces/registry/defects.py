"""Why a registry cannot be published (billing-mode 4): every defect, each with a stable code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from usage_ledger.workspaces.registry.content import RegistryContent, Runtime

DefectCode = Literal[
    "other_label",
    "missing_closed_provider",
    "duplicate_provider",
    "empty_auth_names",
    "duplicate_upstream_vendor",
    "duplicate_runtime",
    "unmanaged_runtime_with_arms",
    "duplicate_arm",
    "unknown_provider",
    "duplicate_model",
    "name_only_closed_arm",
    "model_shared_with_closed_provider",
]


class Defect(msgspec.Struct, frozen=True):
    """``where`` names the provider, runtime, arm or model."""

    code: DefectCode
    where: str


class InvalidRegistry(Exception):
    """The content holds together as text and not as a registry."""

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        super().__init__(", ".join(f"{defect.code}: {defect.where}" for defect in defects))
        self.defects = defects


def defects_of(content: RegistryContent) -> tuple[Defect, ...]:
    """All of them, providers before runtimes, each once."""
    of_runtimes = (defect for runtime in content.runtimes for defect in _of_runtime(runtime, content))
    return tuple(dict.fromkeys((*_of_providers(content), *of_runtimes)))


def _of_providers(content: RegistryContent) -> Iterator[Defect]:
    names = [provider.name for provider in content.providers]
    if content.closed_provider not in names:
        yield Defect("missing_closed_provider", content.closed_provider)
    yield from (Defect("duplicate_provider", name) for name in _repeated(names))
    for provider in content.providers:
        if not any(name.strip() for name in provider.auth_names):
            yield Defect("empty_auth_names", provider.name)
    vendors = [provider.upstream_vendor for provider in content.providers if provider.upstream_vendor is not None]
    yield from (Defect("duplicate_upstream_vendor", vendor) for vendor in _repeated(vendors))
    yield from (Defect("duplicate_runtime", name) for name in _repeated(runtime.name for runtime in content.runtimes))


def _of_runtime(runtime: Runtime, content: RegistryContent) -> Iterator[Defect]:
    if runtime.arms and runtime.name in content.unmanaged_runtimes:
        yield Defect("unmanaged_runtime_with_arms", runtime.name)
    known = {provider.name for provider in content.providers}
    for name in _repeated(arm.provider for arm in runtime.arms):
        yield Defect("duplicate_arm", f"{runtime.name}/{name}")
    for arm in runtime.arms:
        where = f"{runtime.name}/{arm.provider}"
        if arm.provider not in known:
            yield Defect("unknown_provider", where)
        if arm.provider == content.closed_provider and not arm.models:
            yield Defect("name_only_closed_arm", where)
        yield from (Defect("duplicate_model", f"{where}/{model}") for model in _repeated(arm.models))
    yield from _shared_with_closed(runtime, content.closed_provider)


def _shared_with_closed(runtime: Runtime, closed: str) -> Iterator[Defect]:
    """Such an id would have two payers on one runtime."""
    platform = {model for arm in runtime.arms if arm.provider == closed for model in arm.models}
    for arm in runtime.arms:
        if arm.provider != closed:
            for model in arm.models:
                if model in platform:
                    yield Defect("model_shared_with_closed_provider", f"{runtime.name}/{model}")


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
