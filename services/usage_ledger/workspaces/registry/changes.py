"""Dated changes of a registry: each can be applied forwards, and backwards to reach the version before."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from usage_ledger.workspaces.registry.content import Arm, Provider, RegistryContent, Runtime


class ChangeDoesNotFit(Exception):
    """An operation adds what is there, or removes what is not: the content is of another version."""


class AddModels(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="add_models"):
    """Ids join an arm of a runtime."""

    runtime: str
    provider: str
    models: tuple[str, ...]


class RemoveModels(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="remove_models"):
    """Ids leave an arm of a runtime."""

    runtime: str
    provider: str
    models: tuple[str, ...]


class AddArm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="add_arm"):
    """A runtime gets one arm more, after all others."""

    runtime: str
    provider: str
    models: tuple[str, ...]


class AddProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="add_provider"):
    """A provider that no runtime has yet."""

    provider: Provider


Operation = AddModels | RemoveModels | AddArm | AddProvider


def forwards(content: RegistryContent, operations: tuple[Operation, ...], version: str) -> RegistryContent:
    """The content after the operations, under its new label. Raises ChangeDoesNotFit."""
    for operation in operations:
        content = _forwards(content, operation)
    return msgspec.structs.replace(content, version=version)


def backwards(content: RegistryContent, operations: tuple[Operation, ...], version: str) -> RegistryContent:
    """The content before the operations, under its old label. Raises ChangeDoesNotFit."""
    for operation in reversed(operations):
        content = _backwards(content, operation)
    return msgspec.structs.replace(content, version=version)


def _forwards(content: RegistryContent, operation: Operation) -> RegistryContent:
    match operation:
        case AddModels():
            return _with_models(content, operation, _joined)
        case RemoveModels():
            return _with_models(content, operation, _left)
        case AddArm():
            return _with_runtime(content, operation.runtime, lambda runtime: _arm_added(runtime, operation))
        case AddProvider():
            _require(operation.provider not in content.providers, operation.provider.name)
            return msgspec.structs.replace(content, providers=(*content.providers, operation.provider))


def _backwards(content: RegistryContent, operation: Operation) -> RegistryContent:
    match operation:
        case AddModels():
            return _with_models(content, operation, _left)
        case RemoveModels():
            return _with_models(content, operation, _joined)
        case AddArm():
            return _with_runtime(content, operation.runtime, lambda runtime: _arm_removed(runtime, operation))
        case AddProvider():
            _require(operation.provider in content.providers, operation.provider.name)
            left = tuple(provider for provider in content.providers if provider != operation.provider)
            return msgspec.structs.replace(content, providers=left)


def _with_runtime(content: RegistryContent, name: str, change: Callable[[Runtime], Runtime]) -> RegistryContent:
    _require(any(runtime.name == name for runtime in content.runtimes), name)
    runtimes = tuple(change(runtime) if runtime.name == name else runtime for runtime in content.runtimes)
    return msgspec.structs.replace(content, runtimes=runtimes)


def _with_models(
    content: RegistryContent,
    operation: AddModels | RemoveModels,
    change: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]],
) -> RegistryContent:
    def changed(arm: Arm) -> Arm:
        if arm.provider != operation.provider:
            return arm
        return msgspec.structs.replace(arm, models=change(arm.models, operation.models))

    def with_arm(runtime: Runtime) -> Runtime:
        _require(any(arm.provider == operation.provider for arm in runtime.arms), operation.provider)
        return msgspec.structs.replace(runtime, arms=tuple(map(changed, runtime.arms)))

    return _with_runtime(content, operation.runtime, with_arm)


def _joined(models: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    _require(not set(models) & set(others), ", ".join(others))
    return (*models, *others)


def _left(models: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    _require(set(others) <= set(models), ", ".join(others))
    return tuple(model for model in models if model not in others)


def _arm_added(runtime: Runtime, operation: AddArm) -> Runtime:
    _require(all(arm.provider != operation.provider for arm in runtime.arms), operation.provider)
    return msgspec.structs.replace(runtime, arms=(*runtime.arms, Arm(operation.provider, operation.models)))


def _arm_removed(runtime: Runtime, operation: AddArm) -> Runtime:
    arm = Arm(operation.provider, operation.models)
    _require(arm in runtime.arms, operation.provider)
    return msgspec.structs.replace(runtime, arms=tuple(each for each in runtime.arms if each != arm))


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise ChangeDoesNotFit(f"{what} is not as the change finds it")
