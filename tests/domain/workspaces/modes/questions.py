"""What can be asked of the resolver: facts in every state, and registries with and without ties."""

from __future__ import annotations

import string
from functools import cache
from random import Random
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from usage_ledger.adapters.packaged_registry import packaged_content, packaged_registry
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.registry.content import Arm, GuardedNames, Match, Provider, RegistryContent, Runtime
from usage_ledger.workspaces.registry.registry import Registry, make_registry
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

every_policy = st.sampled_from(list(POLICIES.values()))


class Asked(NamedTuple):
    """Facts, and a registry with the content that it was made of; both None: it is unavailable."""

    facts: Facts
    registry: Registry | None
    content: RegistryContent | None


# Few words, so that keys are shared, ids are listed twice and matches tie.
_KEYS = ("A_KEY", "b_key", "C_KEY")
_CLOSED_IDS = ("x-9", "X-9", "platform/x")
_OPEN_IDS = ("x-1", "X-1", "y-1", "platform/y")
_VENDORS = ("one", "two", "three")


def _some(chance: Random, choices: tuple[str, ...], least: int = 0) -> tuple[str, ...]:
    return tuple(chance.sample(choices, chance.randint(least, 2)))


def _vendor(chance: Random, name: str) -> Provider:
    match = Match(
        _some(chance, ("x-", "X-", "y", "platform/")), _some(chance, ("whole", "x-1")), chance.choice([True, False])
    )
    return Provider(name, _some(chance, _KEYS, least=1), "api_key", match)


def _runtime(chance: Random, name: str) -> Runtime:
    """Without a defect: no other arm lists an id of the closed provider."""
    providers = chance.sample(("platform", *_VENDORS), chance.choice([0, 2, 3, 4, 4]))
    closed_ids = (chance.choice(_CLOSED_IDS),)
    return Runtime(
        name, tuple(Arm(each, closed_ids if each == "platform" else _some(chance, _OPEN_IDS)) for each in providers)
    )


def _small_content(chance: Random, version: str) -> RegistryContent:
    closed = provider("platform", "RESERVED", prefixes=_some(chance, ("x-", "platform/")))
    return RegistryContent(
        format="provider-registry/1",
        version=version,
        effective_from="2026-06-12T00:00:00Z",
        closed_provider="platform",
        providers=(closed, *(_vendor(chance, name) for name in _VENDORS)),
        runtimes=(_runtime(chance, "r"), _runtime(chance, "s")),
        unmanaged_runtimes=("elsewhere",),
        guarded_names=GuardedNames(extra=("BASE_URL",)),
    )


_CHANCE = Random(14)
_SMALL = [_small_content(_CHANCE, f"small-{number}") for number in range(400)]
"""Valid registries with shared names, shared ids and matches that overlap; the same ones in every run."""

_NAMES = sorted(PACKAGED.vocabulary | TIED.vocabulary | {*map(str.upper, _KEYS), "RESERVED", "DATABASE_URL"})

modes = st.sampled_from(
    [ABSENT, UNREADABLE, Input("unknown_text", "byokk"), *(Input("recognised", mode) for mode in MODES)]
)
names = st.frozensets(st.sampled_from(_NAMES), max_size=3)


def names_in(content: RegistryContent | None) -> st.SearchStrategy[frozenset[str]]:
    """Names that the registry knows are drawn more often than those that it does not."""
    if content is None:
        return names
    known = sorted({name.upper() for each in content.providers for name in each.auth_names})
    return st.one_of(names, st.frozensets(st.sampled_from(known), max_size=3))


def menu_of(content: RegistryContent, *, closed_only: bool = False) -> list[tuple[str, str]]:
    """Every runtime with every id that it lists or, here, that its closed provider lists."""
    return [
        (runtime.name, model)
        for runtime in content.runtimes
        for arm in runtime.arms
        for model in arm.models
        if not closed_only or arm.provider == content.closed_provider
    ]


def matched_of(content: RegistryContent) -> list[tuple[str, str]]:
    """Every runtime with texts that its providers match, or nearly."""
    matches = {each.name: each.match for each in content.providers}
    texts = {
        name: [f"{start}{end}" for start in match.prefixes for end in ("1", "2")] + [*match.whole]
        for name, match in matches.items()
    }
    return [
        (runtime.name, text)
        for runtime in content.runtimes
        for arm in runtime.arms
        for listed in texts[arm.provider]
        for text in (listed, listed.upper())
    ]


_ANYWHERE = [
    (Input("recognised", runtime), Input("recognised", model))
    for runtime in ("r", "codex", "elsewhere", "mock", "no-such-runtime")
    for model in ("x-1", "gpt-5.5", "totally-made-up")
]
_STATES = [ABSENT, UNREADABLE, Input("recognised", "r"), Input("recognised", "codex")]
"""Also in the place of a model, which it is on no menu as."""

_ODD = [
    st.sampled_from(_ANYWHERE),
    st.tuples(st.sampled_from(_STATES), st.sampled_from(_STATES)),
    st.tuples(st.just(Input("recognised", "codex")), st.text(string.printable).map(model_input)),
]


@cache
def _subjects(version: str | None) -> list[st.SearchStrategy[tuple[Input, Input]]]:
    """Ways to a runtime and a model: those that are about this registry more often than odd ones."""
    if version is None:
        return _ODD
    content = _CONTENTS[version]
    found = [
        st.sampled_from([(Input("recognised", runtime), Input("recognised", model)) for runtime, model in places])
        for places in (menu_of(content), matched_of(content))
        if places
    ]
    return _ODD + found * 3


@st.composite
def facts(draw, exists=False, readable=False, content: RegistryContent | None = TIED_CONTENT) -> Facts:
    runtime, model = draw(draw(st.sampled_from(_subjects(content and content.version))))
    known = names_in(content)
    is_readable = readable or draw(st.sampled_from([True, True, True, False]))
    return Facts(
        has_workspace=exists or draw(st.booleans()),
        override=draw(modes),
        org_default=draw(modes),
        runtime=runtime,
        model=model,
        credentials=draw(st.builds(Credentials, known, known)) if is_readable else UNREADABLE_CREDENTIALS,
        is_proxy_wired=draw(st.booleans()),
    )


_CONTENTS = {content.version: content for content in (TIED_CONTENT, packaged_content(), *_SMALL)}
_PREPARED = [(make_registry(content), content) for content in _CONTENTS.values()]
_WITH_PLATFORM_MODELS = [each for each in _PREPARED if menu_of(each[1], closed_only=True)]


def _often(known: list[tuple[Registry, RegistryContent]]) -> list[tuple[Registry, RegistryContent]]:
    """The first two are known by name: every third question is about one of them."""
    return known[:2] * (len(known) // 4) + known


_ANY = [*_often(_PREPARED), *[(None, None)] * (len(_PREPARED) // 8)]


@st.composite
def asked(draw, exists=False, readable=False) -> Asked:
    """Any facts with any registry, seldom with none; the facts are mostly about that registry."""
    registry, content = draw(st.sampled_from(_ANY))
    return Asked(draw(facts(exists, readable, content)), registry, content)


@st.composite
def asked_of_a_platform_model(draw) -> Asked:
    """A workspace whose model is on the menu of the platform."""
    registry, content = draw(st.sampled_from(_often(_WITH_PLATFORM_MODELS)))
    runtime, model = draw(st.sampled_from(menu_of(content, closed_only=True)))
    given = draw(facts(exists=True, content=content))
    chosen = changed(given, runtime=Input("recognised", runtime), model=Input("recognised", model))
    return Asked(chosen, registry, content)


def changed(given: Facts, **others) -> Facts:
    return msgspec.structs.replace(given, **others)
