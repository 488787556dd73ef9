"""A standing says for how long it holds; within that it is what any instant would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.usage.route import Hindrance
from usage_ledger.usage.standing import Standing, run_standing_at, standing_at
from usage_ledger.workspaces.billing_mode import MODES, Resolution
from usage_ledger.workspaces.mode_sources import ModeSources, stored_facts
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import EARLY_USAGE_MICROS, Workspace

REGISTERED = EARLY_USAGE_MICROS + 100
NEAR = st.integers(REGISTERED, REGISTERED + 12)
INSTANTS = st.one_of(
    st.integers(REGISTERED - 3, REGISTERED + 15),
    st.integers(98, 102),
    st.integers(REGISTERED - EARLY_USAGE_MICROS, REGISTERED),
)


def changed(values: st.SearchStrategy[object], instants: st.SearchStrategy[int]) -> st.SearchStrategy[list[object]]:
    return st.lists(st.tuples(instants, values), max_size=4).map(lambda changes: sorted(changes, key=lambda c: c[0]))


@given(
    changed(st.sampled_from((None, *MODES)), NEAR),
    changed(st.sampled_from(("a", "b")), NEAR),
    changed(st.booleans(), st.integers(REGISTERED - 3, REGISTERED + 12)),
    INSTANTS,
    INSTANTS,
)
def test_every_instant_of_the_interval_finds_the_same(
    overrides: list[tuple[int, None]],
    pins: list[tuple[int, str]],
    wirings: list[tuple[int, bool]],
    one: int,
    other: int,
) -> None:
    workspace, payer, deployment = Workspace(), Payer(), Deployment()
    workspace.registered_at = REGISTERED
    workspace.override.change_all(overrides)
    payer.account.change_all(pins)
    deployment.wired.change_all(wirings)
    sources = ModeSources("t1", "ws", workspace, Organization(), deployment, Governance())
    here, there = (standing_at(sources, payer, instant, stored_facts) for instant in (one, other))
    assert here.since <= one < here.until
    if here.since <= other < here.until:
        assert _what(here) == _what(there)
        assert (here.since, here.until) == (there.since, there.until)


@given(
    st.sampled_from([None, Resolution("byok", "derived_provider", "kimi-coding", "P4", None)]),
    changed(st.sampled_from(("a", "b")), NEAR),
    INSTANTS,
    INSTANTS,
)
def test_a_run_is_paid_by_the_pin_of_the_instant_and_in_the_mode_that_it_was_decided_to_be(
    decided: Resolution | None, pins: list[tuple[int, str]], one: int, other: int
) -> None:
    workspace, payer = Workspace(), Payer()
    workspace.registered_at = REGISTERED
    payer.account.change_all(pins)
    here, there = (run_standing_at(decided, workspace, payer, instant) for instant in (one, other))
    assert here.since <= one < here.until
    if here.since <= other < here.until:
        assert _what(here) == _what(there)
        assert (here.since, here.until) == (there.since, there.until)
    if one < REGISTERED - EARLY_USAGE_MICROS:
        assert _what(here) == "workspace_not_found"
    elif decided is None:
        assert _what(here) == "run_not_decided"
    else:
        assert _what(here) == (decided, payer.account.at(max(one, REGISTERED)))


def _what(standing: Standing | Hindrance) -> object:
    if isinstance(standing, Hindrance):
        return standing.reason
    return standing.resolution, standing.account_id


def test_early_usage_shares_the_interval_of_the_first_fact() -> None:
    workspace = Workspace()
    workspace.registered_at = REGISTERED
    sources = ModeSources("t1", "ws", workspace, Organization(), Deployment(), Governance())
    standing = standing_at(sources, Payer(), REGISTERED, stored_facts)
    assert standing.since == REGISTERED - EARLY_USAGE_MICROS
