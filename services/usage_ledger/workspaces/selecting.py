"""SelectModel, ClearModel: the model can move the payer, so the answer says the mode before and after (billing-mode 7).

Setting what is set already is accepted without an event.
"""

from __future__ import annotations

from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.changing import existing, judged_now
from usage_ledger.workspaces.commands import ClearModel, SelectModel
from usage_ledger.workspaces.events import ModelCleared, ModelOrigin, ModelSelected
from usage_ledger.workspaces.resolver.inputs import model_input


def select_model(command: SelectModel, decision: Decision) -> WorkspaceAnswer:
    """Set the model: ``workspace_not_found``, ``version_conflict``, ``model_already_selected``.

    A seed acts only where no model is.
    """
    workspace = existing(command.workspace_id, command.expected_version, decision)
    model, previous = command.model.strip(), workspace.model.latest
    origin: ModelOrigin = command.origin or "user"
    if origin == "seed" and previous is not None:
        raise Refusal("model_already_selected", "a seed acts only where no model is", {"model": previous})
    judged = judged_now(command.workspace_id, workspace, decision)
    before = judged.resolved.resolution()
    if model != previous:
        after = judged.changed(model=model_input(model)).reported(workspace.current_run)
        selected = ModelSelected(
            command.workspace_id, model, origin, previous, before, after.resolution, after.states, after.faults
        )
        decision.record(workspace_stream(decision.tenant, command.workspace_id), selected)
    return answer_now(command.workspace_id, decision, before)


def clear_model(command: ClearModel, decision: Decision) -> WorkspaceAnswer:
    """Leave the workspace without a model: ``workspace_not_found``, ``version_conflict``."""
    workspace = existing(command.workspace_id, command.expected_version, decision)
    previous = workspace.model.latest
    judged = judged_now(command.workspace_id, workspace, decision)
    before = judged.resolved.resolution()
    if previous is not None:
        after = judged.changed(model=model_input(None)).reported(workspace.current_run)
        cleared = ModelCleared(command.workspace_id, previous, before, after.resolution, after.states, after.faults)
        decision.record(workspace_stream(decision.tenant, command.workspace_id), cleared)
    return answer_now(command.workspace_id, decision, before)
