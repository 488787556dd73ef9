"""A what-if on the wire: what would be other than it is, checked before anybody is asked about."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from usage_ledger.adapters.postgres.what_if_run import WhatIfQuestion
from usage_ledger.entrypoints.http.mode_question import known_policy
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.governance.publishing import valid_content
from usage_ledger.workspaces.commands import Text
from usage_ledger.workspaces.hypothesis import Hypothesis, OtherOrganization, OtherWorkspace, TextOrUnset
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.inputs import override_input

_MAX_NAMED: Final = 1_000

RegistryOrLabel = Annotated[
    Any,
    msgspec.Meta(
        description="the label of a published version, or a registry as `usage-ledger registry packaged` shows one",
        extra_json_schema={"type": ["string", "object", "null"]},
    ),
]


class WhatIfFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts that would be others; what is not named stays as it is, null is nothing stored."""

    proxy_wired: bool | None = None
    organizations: Annotated[tuple[OtherOrganization, ...], msgspec.Meta(max_length=_MAX_NAMED)] = ()
    workspaces: Annotated[tuple[OtherWorkspace, ...], msgspec.Meta(max_length=_MAX_NAMED)] = ()


class WhatIfBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without anything in it: how things are. Nothing of it is ever stored."""

    policy: Text | None = None
    registry: RegistryOrLabel = None
    facts: WhatIfFacts = WhatIfFacts()


def question_of(body: WhatIfBody, tenant: str | None) -> WhatIfQuestion:
    """``tenant`` None is the whole deployment.

    Raises Problem ``unknown_policy``, InvalidRequest, ``Refusal('invalid_registry')``.
    """
    facts = body.facts
    if tenant is None and (facts.organizations or facts.workspaces):
        raise InvalidRequest("missing_field", "whose they are: name the tenant with X-Tenant", "/facts")
    hypothesis = Hypothesis(
        policy=None if body.policy is None else known_policy(body.policy),
        is_proxy_wired=facts.proxy_wired,
        organizations={each.organization_id: _checked_organization(each) for each in facts.organizations},
        workspaces={each.workspace_id: _checked_workspace(each) for each in facts.workspaces},
    )
    return _with_registry(WhatIfQuestion(tenant, hypothesis), body.registry)


def _with_registry(question: WhatIfQuestion, given: Any) -> WhatIfQuestion:
    """Whatever is wrong with content is answered as it is where registries are published."""
    if given is None:
        return question
    if isinstance(given, str):
        return question._replace(registry_label=given)
    registry = make_registry(valid_content(msgspec.json.encode(given).decode(), label=None))
    return question._replace(hypothesis=msgspec.structs.replace(question.hypothesis, registry=registry))


def _checked_organization(organization: OtherOrganization) -> OtherOrganization:
    return msgspec.structs.replace(organization, default_mode=_mode(organization.default_mode))


def _checked_workspace(workspace: OtherWorkspace) -> OtherWorkspace:
    return msgspec.structs.replace(workspace, override=_mode(workspace.override))


def _mode(text: TextOrUnset) -> TextOrUnset:
    """As the commands take it: trimmed, and one of the three."""
    if not isinstance(text, str):
        return text
    if override_input(text.strip()).state != "recognised":
        raise InvalidRequest("invalid_billing_mode", "a mode is platform_managed, byok or disabled, or null", "/facts")
    return text.strip()
