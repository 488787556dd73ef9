"""Sections 6 to 8 of billing mode read a second time: which code a command has to be refused with; None allows it."""

from __future__ import annotations

from domain.workspaces.modes.plain_reading import derivation, failing_gates, refusal
from usage_ledger.workspaces.registry.content import RegistryContent
from usage_ledger.workspaces.resolver.facts import Facts

Content = RegistryContent | None


def of_key(name: str, scope: str, content: Content, facts: Facts, policy: str) -> tuple[str, str | None] | None:
    """Code and rule. The facts hold the name already."""
    found = refusal(name, scope, content, facts, policy)
    if found is None:
        return None
    if found == "reserved":
        return "reserved_credential_name", None
    return "platform_model_blocks_vendor_key" if found == "platform_model" else "vendor_key_refused", found


def of_selection(content: Content, facts: Facts, origin: str) -> str | None:
    """What runtime and model are refused with."""
    runtime, how = facts.runtime.value, derivation(content, facts)[1]
    if content is not None and runtime is not None and origin != "import":
        known = {*(each.name for each in content.runtimes), *content.unmanaged_runtimes}
        if runtime not in known:
            return "runtime_unsupported"
    if how == "unknown_model" and origin != "import":
        return "unregistered_model_for_runtime"
    return "ambiguous_model" if how == "ambiguous" else None


def of_seed(content: Content, stored: Facts, facts: Facts) -> str | None:
    """``stored`` is what the seed finds, ``facts`` what it would leave."""
    if stored.model.state == "unreadable":
        return "model_unreadable"
    if stored.model.state != "absent":
        return "model_already_selected"
    selection = of_selection(content, facts, "seed")
    is_platform_model = content is not None and derivation(content, facts)[0] == content.closed_provider
    if selection is None and is_platform_model and not facts.is_proxy_wired:
        return "missing_platform_proxy"
    return selection


def of_creation(content: Content, facts: Facts, policy: str, kind: str, origin: str) -> str | None:
    """The first of the checks; names are asked after the model and before the gates."""
    selection = of_selection(content, facts, origin)
    is_managed = content is not None and facts.runtime.value not in (None, *content.unmanaged_runtimes)
    if selection == "runtime_unsupported":
        return selection
    if is_managed and kind != "platform" and facts.model.state == "absent":
        return "model_required"
    if selection is not None:
        return selection
    keys = [of_key(name, "workspace", content, facts, policy) for name in sorted(facts.credentials.workspace)]
    refused = sorted({key[0] for key in keys if key is not None})
    if refused:
        return " or ".join(refused)
    asked = ("byok_on_platform_model", "missing_byok_credential")
    gates = failing_gates(content, facts, policy) if content is not None else []
    return next((gate for gate in gates if gate in asked), None)
