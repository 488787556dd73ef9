"""SelectModel, ClearModel, ChangeRuntime: each can move the payer, so the answer says the mode before and after.

Setting what is set already is accepted without an event (billing-mode 7).
"""

from __future__ import annotations

from functools import partial

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.changing import existing, judged_now
from usage_ledger.workspaces.commands import ChangeRuntime, ClearModel, SelectModel
from usage_ledger.workspaces.events import ModelCleared, ModelOrigin, ModelSelected, RuntimeChanged
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.mode_changes import ModeChanges
from usage_ledger.workspaces.resolver.inputs import Input, model_input, runtime_input
from usage_ledger.workspaces.resolver.provision import is_platform_model
from usage_ledger.workspaces.selection_checks import require_model_derivable, require_runtime_supported
from usage_ledger.workspaces.workspace import Workspace


class _Selection(msgspec.Struct, frozen=True):
    """What the workspace is to run on and with; None is none."""

    runtime: str | None
    model: str | None
    origin: ModelOrigin


def select_model(command: SelectModel, decision: Decision) -> WorkspaceAnswer:
    """Set the model, and the runtime that is named with it.

    ``workspace_not_found``, ``version_conflict``, ``runtime_unsupported``, ``unregistered_model_for_runtime``,
    ``ambiguous_model``. A seed acts only where no model is, and never on what nobody would be paid for:
    ``model_unreadable``, ``model_already_selected``, ``missing_platform_proxy``.
    """
    workspace = existing(command.workspace_id, command.expected_version, decision)
    runtime = _runtime(command.runtime, workspace)
    wanted = _Selection(runtime, command.model.strip(), command.origin or "user")
    return _select(command.workspace_id, workspace, wanted, decision)


def clear_model(command: ClearModel, decision: Decision) -> WorkspaceAnswer:
    """Leave the workspace without a model: ``workspace_not_found``, ``version_conflict``, ``runtime_unsupported``."""
    workspace = existing(command.workspace_id, command.expected_version, decision)
    wanted = _Selection(_runtime(command.runtime, workspace), None, "user")
    return _select(command.workspace_id, workspace, wanted, decision)


def change_runtime(command: ChangeRuntime, decision: Decision) -> WorkspaceAnswer:
    """Run it on another runtime, or on none: the refusals of ``select_model`` that are not about seeds."""
    workspace = existing(command.workspace_id, command.expected_version, decision)
    wanted = _Selection(_runtime(command.runtime or "", workspace), workspace.model.latest, command.origin or "user")
    return _select(command.workspace_id, workspace, wanted, decision)


def _select(workspace_id: str, workspace: Workspace, wanted: _Selection, decision: Decision) -> WorkspaceAnswer:
    judged = judged_now(workspace_id, workspace, decision)
    before = judged.resolved.resolution()
    if wanted.origin == "seed":
        _require_unseeded(judged)
    if (wanted.runtime, wanted.model) != (workspace.runtime.latest, workspace.model.latest):
        _require_selectable(judged, workspace, wanted)
        stream = workspace_stream(decision.tenant, workspace_id)
        changes = ModeChanges(stream, judged, before, workspace.current_run, decision)
        _record(workspace_id, workspace, wanted, changes)
        judged = changes.judged
    return answer_now(workspace_id, judged, decision, before)


def _require_unseeded(judged: Judged) -> None:
    """A model that cannot be read never passes for one that was never chosen."""
    model = judged.facts.model
    if model.state == "unreadable":
        raise Refusal("model_unreadable", "whether a model was chosen cannot be read")
    if model.value is not None:
        raise Refusal("model_already_selected", "a seed acts only where no model is", {"model": model.value})


def _require_selectable(judged: Judged, workspace: Workspace, wanted: _Selection) -> None:
    """Nothing is asked of a runtime that stays, where all that happens is that a model is no more."""
    would_be = judged.changed(**_changed_facts(workspace, wanted))
    if wanted.model is not None or wanted.runtime != workspace.runtime.latest:
        require_runtime_supported(would_be, wanted.origin)
    require_model_derivable(would_be, wanted.origin)
    is_paid_through_proxy = is_platform_model(would_be.registry, would_be.resolved)
    if wanted.origin == "seed" and is_paid_through_proxy and not would_be.facts.is_proxy_wired:
        raise Refusal("missing_platform_proxy", "no proxy is wired that the platform could be paid through")


def _changed_facts(workspace: Workspace, wanted: _Selection) -> dict[str, Input]:
    """What stays was read already, or could not be read, and stays that way."""
    facts: dict[str, Input] = {}
    if wanted.runtime != workspace.runtime.latest:
        facts["runtime"] = runtime_input(wanted.runtime)
    if wanted.model != workspace.model.latest:
        facts["model"] = model_input(wanted.model)
    return facts


def _record(workspace_id: str, workspace: Workspace, wanted: _Selection, changes: ModeChanges) -> None:
    """The runtime comes first: the last event says where both of them lead."""
    runtime, model = workspace.runtime.latest, workspace.model.latest
    if wanted.runtime != runtime:
        changed = partial(RuntimeChanged, workspace_id=workspace_id, runtime=wanted.runtime, previous=runtime)
        changes.record(changed, runtime=runtime_input(wanted.runtime))
    if wanted.model is None and model is not None:
        changes.record(partial(ModelCleared, workspace_id=workspace_id, previous=model), model=model_input(None))
    elif wanted.model is not None and wanted.model != model:
        selected = partial(
            ModelSelected, workspace_id=workspace_id, model=wanted.model, origin=wanted.origin, previous=model
        )
        changes.record(selected, model=model_input(wanted.model))


def _runtime(text: str | None, workspace: Workspace) -> str | None:
    """None leaves the runtime as it is; blank text is none."""
    return workspace.runtime.latest if text is None else text.strip() or None
