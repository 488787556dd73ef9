"""A refused credential name judged again: by another policy, from the facts of then."""

from __future__ import annotations

import pytest

from domain.given import NOON, SECOND
from domain.runs.world import registry_in_force
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.events import BillingOverrideSet, ModelSelected, OrgDefaultSet, WorkspaceRegistered
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.rejected_writes import RejectedWrite, refused_under
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.workspace import Workspace

ANY = Resolution("byok", "derived_default", None, "P4", None)
PLATFORM_MODEL = "moonshot/kimi-k2.6"
VENDOR_MODEL = "kimi-for-coding"


@pytest.fixture
def sources() -> ModeSources:
    """A workspace on claude-code with the packaged registry in force since noon."""
    governance, workspace = Governance(), Workspace()
    governance.apply(registry_in_force().payload, NOON)
    workspace.apply(WorkspaceRegistered("ws", "workspace", "claude-code", "default", None, ANY), NOON)
    return ModeSources("acme", "ws", workspace, Organization(), Deployment(), governance)


def write(name: str = "KIMI_API_KEY", **fields: object) -> RejectedWrite:
    usual = {"scope": "workspace", "model": None, "runtime": None, "at_creation": False, "recorded_at": NOON + SECOND}
    return RejectedWrite(name=name, **{**usual, **fields})  # pyright: ignore[reportArgumentType]


def rule_of(policy: str, sources: ModeSources, **fields: object) -> str | None:
    refused = refused_under(POLICIES[policy], write(**fields), sources)
    return None if refused is None else refused.rule


def select(sources: ModeSources, model: str) -> None:
    sources.workspace.apply(ModelSelected("ws", model, "user", None, None, ANY), NOON)


def test_an_org_default_opens_a_platform_model_to_vendor_keys_under_p3_alone(sources):
    select(sources, PLATFORM_MODEL)
    sources.organization.apply(OrgDefaultSet("acme", "byok", None, "a contract", has_effect=False), NOON)
    assert rule_of("P3", sources) is None
    assert rule_of("P4", sources) == "platform_model"
    assert rule_of("P2b", sources) == "mode_platform_managed"


def test_an_override_that_p4_refuses_by_is_never_read_by_p5(sources):
    select(sources, VENDOR_MODEL)
    override = BillingOverrideSet("ws", "platform_managed", None, NOON, "test", None, ANY)
    sources.workspace.apply(override, NOON)
    assert rule_of("P4", sources) == "override_platform_managed"
    assert rule_of("P5", sources) is None


def test_facts_that_came_later_do_not_count(sources):
    select(sources, PLATFORM_MODEL)
    later = NOON + 2 * SECOND
    sources.workspace.apply(ModelSelected("ws", VENDOR_MODEL, "user", PLATFORM_MODEL, None, ANY), later)
    assert rule_of("P4", sources) == "platform_model"
    assert rule_of("P4", sources, recorded_at=later) is None


def test_a_workspace_that_was_to_begin_with_the_name_is_judged_by_what_it_would_have_been(sources):
    unborn = sources._replace(workspace=Workspace())
    creation = {"at_creation": True, "runtime": "claude-code"}
    assert rule_of("P4", unborn, **creation, model=PLATFORM_MODEL) == "platform_model"
    assert rule_of("P4", unborn, **creation, model=VENDOR_MODEL) is None
    assert rule_of("P4", unborn, at_creation=True) == "model_underivable"
