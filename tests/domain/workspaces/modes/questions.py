"""What can be asked of the resolver: facts in every state, and registries with and without ties."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from usage_ledger.adapters.packaged_registry import packaged_content, packaged_registry
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.registry.content import Arm, GuardedNames, Match, Provider, RegistryContent, Runtime
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import (
    ABSENT,
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    Input,
    model_input,
)
from usage_ledger.workspaces.resolver.policies import POLICIES

PACKAGED = packaged_registry()
NOTHING = Match((), (), ignore_case=False)


def provider(name: str, *auth_names: str, prefixes: tuple[str, ...] = (), **others) -> Provider:
    return Provider(name, auth_names or (f"{name.upper()}_KEY",), "api_key", Match(prefixes, (), False), **others)


TIED_CONTENT = RegistryContent(
    format="provider-registry/1",
    version="tied",
    effective_from="2026-06-12T00:00:00Z",
    closed_provider="platform",
    providers=(
        provider("platform", prefixes=("p-",)),
        provider("one", prefixes=("x-", "p-")),
        provider("two", prefixes=("x-",)),
    ),
    runtimes=(Runtime("r", (Arm("one", ()), Arm("two", ()), Arm("platform", ("platform-model",)))),),
    unmanaged_runtimes=("elsewhere",),
    guarded_names=GuardedNames(extra=("BASE_URL",)),
)
TIED = make_registry(TIED_CONTENT)
"""Two name-only arms match ``x-1``; the closed provider and another match ``p-1``."""

REGISTRIES = st.sampled_from([PACKAGED, TIED, None])
policies = st.sampled_from(list(POLICIES.values()))

_MODELS = [model for runtime in packaged_content().runtimes for arm in runtime.arms for model in arm.models]
_OTHER_MODELS = ["x-1", "p-1", "platform-model", "groq:llama", "glm-4", "GLM-4", "totally-made-up"]
_RUNTIMES = [*PACKAGED.runtimes, "r", "elsewhere", "mock", "no-such-runtime"]
_NAMES = sorted(PACKAGED.vocabulary | TIED.vocabulary | {"DATABASE_URL"})

modes = st.one_of(
    st.sampled_from([ABSENT, UNREADABLE, Input("unknown_text", "byokk")]),
    st.sampled_from([Input("recognised", mode) for mode in MODES]),
)
models = st.one_of(
    st.sampled_from([ABSENT, UNREADABLE]),
    st.sampled_from(_MODELS + _OTHER_MODELS).map(model_input),
    st.text().map(model_input),
)
runtimes = st.one_of(
    st.sampled_from([ABSENT, UNREADABLE]), st.sampled_from([Input("recognised", name) for name in _RUNTIMES])
)
names = st.frozensets(st.sampled_from(_NAMES), max_size=3)
credentials = st.one_of(st.builds(Credentials, names, names), st.just(UNREADABLE_CREDENTIALS))


@st.composite
def derivable(draw) -> tuple[str, str]:
    """A runtime and a model on its menu: chance alone seldom finds one."""
    runtime = draw(st.sampled_from(packaged_content().runtimes))
    arm = draw(st.sampled_from([each for each in runtime.arms if each.models]))
    return runtime.name, draw(st.sampled_from(arm.models))


def platform_model_facts() -> st.SearchStrategy[Facts]:
    """Of a workspace whose model is on the menu of the platform."""
    menu = [
        (runtime.name, model)
        for runtime in packaged_content().runtimes
        for arm in runtime.arms
        for model in arm.models
        if arm.provider == PACKAGED.closed_provider
    ]
    return st.builds(
        lambda given, chosen: changed(
            given, runtime=Input("recognised", chosen[0]), model=Input("recognised", chosen[1])
        ),
        facts(exists=True),
        st.sampled_from(menu),
    )


@st.composite
def facts(draw, exists=False, readable=False) -> Facts:
    runtime, model = draw(runtimes), draw(models)
    if draw(st.booleans()):
        runtime, model = (Input("recognised", text) for text in draw(derivable()))
    return Facts(
        has_workspace=exists or draw(st.booleans()),
        override=draw(modes),
        org_default=draw(modes),
        runtime=runtime,
        model=model,
        credentials=draw(credentials if not readable else st.builds(Credentials, names, names)),
        is_proxy_wired=draw(st.booleans()),
    )


def changed(given: Facts, **others) -> Facts:
    return msgspec.structs.replace(given, **others)
