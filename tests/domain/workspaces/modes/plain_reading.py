"""The chapter read a second time, sentence by sentence: slow, nothing prepared, and none of the product's rules."""

from __future__ import annotations

from usage_ledger.workspaces.registry.content import Provider, RegistryContent, Runtime
from usage_ledger.workspaces.resolver.facts import Facts

# Rungs, last rung, source of the last rung, answer to an unreadable override, guard.
CHAPTER = {
    "P1": (("override", "org default"), "platform", "constant_fallback", "platform", "mode"),
    "P2a": (("override", "derive"), "platform", "derived_default", "platform", "mode"),
    "P2b": (("override", "derive"), "deployment", "derived_default", "platform", "mode"),
    "P3": (("override", "org default", "derive"), "deployment", "derived_default", "platform", "mode"),
    "P4": (("override", "derive"), "deployment", "derived_default", "deployment", "model first"),
    "P5": (("derive",), "deployment", "derived_default", None, "model only"),
    "P6": (("derive",), "deployment", "derived_default", None, "model only"),
}


def available(facts: Facts) -> set[str]:
    return {*facts.credentials.workspace, *facts.credentials.tenant}


def accepted(content: RegistryContent, name: str) -> set[str]:
    return {text.upper() for provider in content.providers if provider.name == name for text in provider.auth_names}


def vocabulary(content: RegistryContent) -> set[str]:
    extra = {text.upper() for text in content.guarded_names.extra}
    return extra.union(*(accepted(content, provider.name) for provider in content.providers))


def reserved(content: RegistryContent) -> set[str]:
    return accepted(content, content.closed_provider)


def matches(provider: Provider, model: str) -> bool:
    match = provider.match
    for prefix in match.prefixes:
        if model.startswith(prefix) or (match.ignore_case and model.lower().startswith(prefix.lower())):
            return True
    return any(model == whole or (match.ignore_case and model.lower() == whole.lower()) for whole in match.whole)


def derivation(content: RegistryContent | None, facts: Facts) -> tuple[str | None, str]:
    if content is None:
        return None, "registry_unavailable"
    for name, given in (("runtime", facts.runtime), ("model", facts.model)):
        if given.state == "unreadable":
            return None, f"{name}_unreadable"
    if facts.model.state == "absent":
        return None, "no_model"
    found = [runtime for runtime in content.runtimes if runtime.name == facts.runtime.value and runtime.arms]
    if not found:
        return None, "unknown_runtime"
    return _on_runtime(content, found[0], facts)


def _on_runtime(content: RegistryContent, runtime: Runtime, facts: Facts) -> tuple[str | None, str]:
    model = facts.model.value or ""
    providers = {provider.name: provider for provider in content.providers}
    listing = [arm.provider for arm in runtime.arms if model in arm.models]
    matching = [arm.provider for arm in runtime.arms if matches(providers[arm.provider], model)]
    with_key = [name for name in listing or matching if accepted(content, name) & available(facts)]
    if listing:
        if len(listing) == 1:
            return listing[0], "exact"
        return (with_key[0], "exact_by_credential") if len(with_key) == 1 else (listing[0], "first_arm")
    if not matching:
        return None, "unknown_model"
    if len(matching) == 1:
        return matching[0], "prefix"
    if content.closed_provider not in matching and len(with_key) == 1:
        return with_key[0], "prefix_by_credential"
    return None, "ambiguous"


def mode(content: RegistryContent | None, facts: Facts, policy: str) -> tuple[str, str]:
    """The mode and its source."""
    rungs, last, last_source, on_unreadable, _ = CHAPTER[policy]
    default = {"platform": "platform_managed", "deployment": "platform_managed" if facts.is_proxy_wired else "byok"}
    for rung in rungs:
        given = facts.override if rung == "override" else facts.org_default
        if rung == "derive":
            answer = _derived(content, facts, policy)
            if answer is not None:
                return answer, "derived_provider"
        elif rung == "override" and not facts.has_workspace:
            continue
        elif given.state == "unreadable":
            return default[on_unreadable], "constant_fallback"
        elif given.state == "recognised":
            return given.value, "workspace_override" if rung == "override" else "org_default"
    return default[last], last_source


def _derived(content: RegistryContent | None, facts: Facts, policy: str) -> str | None:
    provider, _ = derivation(content, facts)
    if provider is None or (not facts.has_workspace and policy not in ("P4", "P5", "P6")):
        return None
    if provider == content.closed_provider:
        return "platform_managed"
    if policy == "P6" and facts.is_proxy_wired and not accepted(content, provider) & available(facts):
        return None
    return "byok"


def faults(content: RegistryContent | None, facts: Facts, policy: str) -> set[str]:
    inputs = {"MODEL": facts.model, "RUNTIME": facts.runtime}
    if "override" in CHAPTER[policy][0] and facts.has_workspace:
        inputs["OVERRIDE"] = facts.override
    if "org default" in CHAPTER[policy][0]:
        inputs["ORG_DEFAULT"] = facts.org_default
    told = {f"{name}_UNREADABLE" for name, given in inputs.items() if given.state == "unreadable"}
    told |= {f"{name}_UNRECOGNISED" for name, given in inputs.items() if given.state == "unknown_text"}
    told |= set() if facts.credentials.is_readable else {"CREDENTIALS_UNREADABLE"}
    return told | ({"REGISTRY_UNAVAILABLE"} if content is None else set())


def refusal(name: str, scope: str, content: RegistryContent | None, facts: Facts, policy: str) -> str | None:
    """The rule, or that the name is reserved; None allows it. The facts hold the name already."""
    if content is not None and name in reserved(content):
        return "reserved"
    if scope == "tenant" or (content is not None and name not in vocabulary(content)):
        return None
    guard = CHAPTER[policy][-1]
    if guard == "mode":
        return "mode_platform_managed" if mode(content, facts, policy)[0] == "platform_managed" else None
    if content is None:
        return "registry_unavailable"
    provider, _ = derivation(content, facts)
    if provider is None:
        return "model_underivable"
    if provider == content.closed_provider:
        return "platform_model"
    if guard == "model only":
        return None
    if facts.override.state == "unreadable":
        return "override_unreadable"
    return "override_platform_managed" if facts.override.value == "platform_managed" else None


def failing_gates(content: RegistryContent | None, facts: Facts, policy: str) -> list[str]:
    """The table of the gates, read row by row."""
    if _is_unmanaged(content, facts):
        return []
    decided, _ = mode(content, facts, policy)
    provider, _ = derivation(content, facts)
    on_platform_model = content is not None and provider == content.closed_provider
    asks = decided != "disabled"
    keyless = facts.credentials.is_readable and not _accepted_keys(content, facts, provider)
    table = {
        "credentials_unreadable": not facts.credentials.is_readable,
        "byok_on_platform_model": decided == "byok" and on_platform_model,
        "missing_byok_credential": decided == "byok" and not on_platform_model and keyless,
        "missing_platform_proxy": decided == "platform_managed" and not facts.is_proxy_wired,
        "model_unreadable": asks and facts.model.state == "unreadable",
        "missing_model": asks and facts.model.state == "absent",
    }
    return [code for code, fails in table.items() if fails]


def outcome(content: RegistryContent | None, facts: Facts, policy: str) -> str:
    """Of a run that fails no gate."""
    decided, _ = mode(content, facts, policy)
    if _is_unmanaged(content, facts):
        return "decision_only"
    if decided != "platform_managed":
        return {"disabled": "started_without_llm", "byok": "started_direct"}[decided]
    listed = content is not None and derivation(content, facts)[0] == content.closed_provider
    return "started_on_proxy" if listed else "started_on_proxy_unlisted_model"


def withheld(content: RegistryContent | None, facts: Facts, policy: str) -> set[str]:
    decided, _ = mode(content, facts, policy)
    provider, _ = derivation(content, facts)
    guarded = available(facts) if content is None else available(facts) & vocabulary(content)
    if decided != "byok":
        return guarded
    if provider is None:
        return set()
    return {
        name for name in guarded if name not in facts.credentials.workspace and name not in accepted(content, provider)
    }


def _is_unmanaged(content: RegistryContent | None, facts: Facts) -> bool:
    unmanaged = () if content is None else content.unmanaged_runtimes
    return facts.runtime.state == "absent" or facts.runtime.value in unmanaged


def _accepted_keys(content: RegistryContent | None, facts: Facts, provider: str | None) -> set[str]:
    if content is None:
        return available(facts)
    if provider is not None:
        return available(facts) & accepted(content, provider)
    names = set().union(*(accepted(content, each.name) for each in content.providers))
    return available(facts) & (names - reserved(content))
