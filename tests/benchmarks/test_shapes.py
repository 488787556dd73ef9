"""A load is the same wherever it is made: that is what makes two figures comparable."""

from collections import Counter

import pytest

from usage_ledger.benchmarks.shapes import HOT, NARROW, SHAPES, WIDE


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_same_seed_gives_the_same_calls(shape):
    assert shape.calls(500) == shape.calls(500)
    assert shape.calls(500) != shape.calls(500, seed=1)


@pytest.mark.parametrize(
    ("shape", "tenants", "accounts", "workspaces"), [(NARROW, 4, 8, 64), (WIDE, 1_000, 10_000, 10_000), (HOT, 1, 1, 8)]
)
def test_a_shape_has_the_places_that_it_names(shape, tenants, accounts, workspaces):
    places = shape.places()
    assert len({place.tenant for place in places}) == tenants
    assert len({place.account for place in places}) == len({place.account_id for place in places}) == accounts
    assert len({place.workspace_id for place in places}) == len(places) == workspaces


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_account_belongs_to_one_tenant(shape):
    owners = {(place.account_id, place.tenant) for place in shape.places()}
    assert len(owners) == shape.accounts


def test_narrow_mixes_all_accounts_in_each_request():
    calls = NARROW.calls()
    assert all(len({call.place.account for call in calls[at : at + 100]}) == 8 for at in range(0, 10_000, 100))


def test_wide_meets_the_first_workspace_twice_as_often_as_the_second():
    met = Counter(call.place.workspace_id for call in WIDE.calls())
    first, second = met["workspace-0"], met["workspace-1"]
    assert 1.8 < first / second < 2.2
    assert len(met) > 6_000
