"""A registry version made ready for questions: who accepts which names, which arms a runtime has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from usage_ledger.workspaces.registry.content import Provider, RegistryContent, Runtime, digest_of
from usage_ledger.workspaces.registry.defects import InvalidRegistry, defects_of


class Matcher(msgspec.Struct, frozen=True):
    """A provider's match, folded to one case where case does not count."""

    provider: str
    prefixes: tuple[str, ...]
    whole: frozenset[str]
    ignore_case: bool

    def matches(self, model: str, lowered: str) -> bool:
        """Whether the model, given as it is and in lower case, is one of this provider's."""
        text = lowered if self.ignore_case else model
        return text.startswith(self.prefixes) or text in self.whole


class Arms(msgspec.Struct, frozen=True):
    """A runtime's arms in their order: by the id that they list, and by what they match."""

    by_model: Mapping[str, tuple[str, ...]]
    matchers: tuple[Matcher, ...]


class Registry(msgspec.Struct, frozen=True):
    """One valid version. Names are in capitals. A runtime may have no arms: it is known, and derives nothing.

    ``accepted_names`` are a provider's; ``reserved`` the closed provider's own; ``vocabulary`` every guarded name.
    """

    version: str
    digest: str
    closed_provider: str
    accepted_names: Mapping[str, frozenset[str]]
    reserved: frozenset[str]
    vocabulary: frozenset[str]
    runtimes: Mapping[str, Arms]
    unmanaged_runtimes: frozenset[str]


def make_registry(content: RegistryContent) -> Registry:
    """Raises InvalidRegistry with every defect."""
    if defects := defects_of(content):
        raise InvalidRegistry(defects)
    accepted = {provider.name: _names(provider.auth_names) for provider in content.providers}
    return Registry(
        version=content.version,
        digest=digest_of(content),
        closed_provider=content.closed_provider,
        accepted_names=accepted,
        reserved=accepted[content.closed_provider],
        vocabulary=_names(content.guarded_names.extra).union(*accepted.values()),
        runtimes=_runtimes(content),
        unmanaged_runtimes=frozenset(content.unmanaged_runtimes),
    )


def registry_in_force(content: RegistryContent, digest: str) -> Registry | None:
    """None is an unavailable registry: the content is invalid, or is not what the digest was made of."""
    try:
        registry = make_registry(content)
    except InvalidRegistry:
        return None
    return registry if registry.digest == digest else None


def _runtimes(content: RegistryContent) -> dict[str, Arms]:
    matchers = {provider.name: _matcher(provider) for provider in content.providers}
    return {runtime.name: _arms(runtime, matchers) for runtime in content.runtimes}


def _arms(runtime: Runtime, matchers: Mapping[str, Matcher]) -> Arms:
    by_model: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for arm in runtime.arms:
        for model in arm.models:
            by_model[model] += (arm.provider,)
    return Arms(dict(by_model), tuple(matchers[arm.provider] for arm in runtime.arms))


def _matcher(provider: Provider) -> Matcher:
    match = provider.match
    prefixes, whole = match.prefixes, match.whole
    if match.ignore_case:
        prefixes, whole = tuple(map(str.lower, prefixes)), tuple(map(str.lower, whole))
    return Matcher(provider.name, prefixes, frozenset(whole), match.ignore_case)


def _names(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(text.strip().upper() for text in texts if text.strip())
