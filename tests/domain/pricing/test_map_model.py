"""MapModel: a name for a model, from a time on (P4)."""

from __future__ import annotations

import pytest

from domain.given import NOON, Given, LedgerInMemory, Then, When
from usage_ledger.pricing.commands import MapModel
from usage_ledger.pricing.events import ModelMapped


@pytest.mark.rule("P4")
def test_the_first_mapping_says_what_a_name_always_meant(when: When, then: Then) -> None:
    happened = when(MapModel("latest", "acme/small"))
    assert then.recorded(ModelMapped) == ModelMapped("latest", "acme/small", 0)
    assert [stream for stream, _ in happened.recorded] == ["platform/price-latest"]


@pytest.mark.rule("P4")
def test_a_later_mapping_says_what_it_means_from_now_on(given: Given, when: When, then: Then) -> None:
    given(MapModel("latest", "acme/small"))
    when(MapModel("latest", "acme/large"), at=NOON + 5)
    assert then.recorded(ModelMapped).effective_from == NOON + 5


@pytest.mark.rule("P4")
def test_a_mapping_may_say_since_when(when: When, then: Then) -> None:
    when(MapModel("latest", "acme/small", effective_from=7))
    assert then.accepted().effective_from == 7


@pytest.mark.parametrize(
    ("mappings", "refused"),
    [
        ([("a", "b"), ("b", "a")], True),
        ([("a", "b"), ("b", "c"), ("c", "a")], True),
        ([("a", "b"), ("a", "c"), ("b", "a")], True),
        ([("a", "b"), ("c", "b")], False),
        ([("a", "a")], False),
        ([("a", "b"), ("a", "a")], False),
    ],
)
def test_a_mapping_that_leads_back_is_refused(
    given: Given, when: When, then: Then, mappings: list[tuple[str, str]], refused: bool
) -> None:
    *before, last = [MapModel(*mapping) for mapping in mappings]
    given(*before)
    when(last)
    if refused:
        then.refused("alias_cycle")
    else:
        then.accepted()


def test_every_name_of_a_model_is_known(given: Given, ledger: LedgerInMemory) -> None:
    given(MapModel("a", "b"), MapModel("b", "c"), MapModel("d", "c"), MapModel("x", "y"))
    assert ledger.facts.prices.aliases.names_of("c") == {"a", "b", "c", "d"}
    assert ledger.facts.prices.aliases.names_of("a") == {"a"}
