"""What the registry has to say to a runtime and a model before they are stored (billing-mode 7).

While it is unavailable it says nothing: not even whether the platform starts the runtime. Provision is the backstop.
"""

from __future__ import annotations

from typing import Final

from usage_ledger.refusals import Refusal
from usage_ledger.workspaces.events import ModelOrigin, WorkspaceKind
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.resolver.provision import failing_gates, is_unmanaged

_GATES: Final = {
    "byok_on_platform_model": "the customer is to pay for a model that only the platform serves",
    "missing_byok_credential": "the customer is to pay, and no credential that the provider accepts is stored",
}


def require_runtime_supported(would_be: Judged, origin: ModelOrigin) -> None:
    """``runtime_unsupported``: a runtime is given that the registry does not know. An import may carry one."""
    registry, runtime = would_be.registry, would_be.facts.runtime.value
    if registry is None or runtime is None or origin == "import":
        return
    if runtime not in registry.runtimes and runtime not in registry.unmanaged_runtimes:
        raise Refusal("runtime_unsupported", "the registry knows no such runtime", {"runtime": runtime})


def require_model_given(would_be: Judged, kind: WorkspaceKind) -> None:
    """``model_required``, of whatever the platform starts but its own workspaces."""
    if would_be.registry is None or kind == "platform" or is_unmanaged(would_be.facts, would_be.registry):
        return
    if would_be.facts.model.state == "absent":
        raise Refusal("model_required", "a workspace on this runtime needs a model")


def require_model_derivable(would_be: Judged, origin: ModelOrigin) -> None:
    """``unregistered_model_for_runtime``, ``ambiguous_model``. An import may carry a model that nobody knows."""
    facts, how = would_be.facts, would_be.resolved.how
    seen = {"model": facts.model.value or "", "runtime": facts.runtime.value or ""}
    if how == "unknown_model" and origin != "import":
        raise Refusal("unregistered_model_for_runtime", "no provider of the runtime serves this model", seen)
    if how == "ambiguous":
        raise Refusal("ambiguous_model", "several providers match, and what is stored does not choose one", seen)


def require_payable(would_be: Judged) -> None:
    """``byok_on_platform_model``, ``missing_byok_credential``: what the gates of provision would refuse.

    Names that cannot be read are not missed.
    """
    if would_be.registry is None:
        return
    provider = would_be.resolved.provider
    for code in failing_gates(would_be.facts, would_be.registry, would_be.resolved):
        if code in _GATES:
            raise Refusal(code, _GATES[code], {} if provider is None else {"provider": provider})
