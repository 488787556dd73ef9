"""What is known when: withdrawal, aliases, and the knowledge of an earlier position (P2, P3, P4)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.pricing.published import MODEL, published
from domain.pricing.rated import ACCOUNT, multiplier, policy
from usage_ledger.pricing.events import ModelMapped, PriceVersionWithdrawn
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.recorded_event import EventPayload

WITHDRAWN = PriceVersionWithdrawn("v2", MODEL, "called off")


def book_of(*facts: EventPayload) -> PriceBook:
    book = PriceBook()
    for recorded_at, fact in enumerate(facts):
        book.apply(fact, recorded_at)
    return book


def charged_by(book: PriceBook, model: str = MODEL, at: int = 100, **known: Any) -> str | None:
    choice = book.choose(model, None, "USD", ACCOUNT, at, **known)
    return choice.charge.published.version if choice.charge else None


@pytest.mark.rule("P3")
def test_a_withdrawn_version_is_not_chosen_and_the_one_before_is() -> None:
    announced = published("v2", effective_from=50)
    assert charged_by(book_of(published("v1"), announced)) == "v2"
    assert charged_by(book_of(published("v1"), announced, WITHDRAWN)) == "v1"
    assert charged_by(book_of(published("v2"), WITHDRAWN)) is None


@pytest.mark.rule("P3")
def test_withdrawing_a_version_leaves_one_of_the_same_name_of_another_model() -> None:
    book = book_of(published("v2", model="acme/large"), published("v2"), WITHDRAWN)
    assert (charged_by(book), charged_by(book, "acme/large")) == (None, "v2")


@pytest.mark.rule("P2")
def test_what_was_known_at_an_earlier_position_is_answered_again() -> None:
    book = book_of(published("v1"), published("v2"), WITHDRAWN, published("v3"))
    known = [charged_by(book, known_at=position) for position in range(5)]
    assert known == [None, "v1", "v2", "v1", "v3"]
    assert charged_by(book) == "v3"


@pytest.mark.rule("P2")
def test_the_policy_and_the_alias_are_those_that_were_known() -> None:
    book = book_of(
        published("v1", list="cost"),
        policy(margin=multiplier("2")),
        policy(margin=multiplier("3")),
        ModelMapped("latest", MODEL, 0),
    )
    margins = [book.choose(MODEL, None, "USD", ACCOUNT, 100, position).margin for position in (2, 3)]
    assert margins == [(2, 1), (3, 1)]
    assert [charged_by(book, "latest", known_at=position) for position in (3, 4)] == [None, "v1"]


@pytest.mark.rule("P4")
def test_an_alias_is_priced_as_its_model_and_the_answered_model_is_kept() -> None:
    book = book_of(published("v1"), ModelMapped("latest", MODEL, 0))
    choice = book.choose("latest", None, "USD", ACCOUNT, 100)
    assert charged_by(book, "latest") == "v1"
    assert choice.basis.model == MODEL
    assert choice.basis.detail is not None
    assert choice.basis.detail.mapped_from == "latest"


@pytest.mark.rule("P4")
def test_a_mapping_holds_from_its_time_and_the_latest_recorded_counts() -> None:
    book = book_of(
        published("of-a", model="a"),
        published("of-b", model="b"),
        ModelMapped("latest", "a", 0),
        ModelMapped("latest", "b", 50),
    )
    assert [charged_by(book, "latest", at) for at in (49, 50)] == ["of-a", "of-b"]
    early = book.choose("latest", None, "USD", ACCOUNT, 20)
    assert (early.holds_from, early.holds_to) == (0, 50)


@pytest.mark.rule("P4")
def test_mappings_are_followed_to_their_end() -> None:
    book = book_of(published("v1"), ModelMapped("a", "b", 0), ModelMapped("b", MODEL, 10))
    assert [charged_by(book, "a", at) for at in (9, 10)] == [None, "v1"]


@pytest.mark.rule("P4")
def test_a_name_that_is_mapped_to_itself_stands_for_itself_again() -> None:
    book = book_of(published("of-a", model="a"), published("v1"), ModelMapped("a", MODEL, 0), ModelMapped("a", "a", 50))
    assert [charged_by(book, "a", at) for at in (49, 50)] == ["v1", "of-a"]


@pytest.mark.rule("P4")
def test_mappings_that_go_round_end() -> None:
    book = book_of(published("of-b", model="b"), ModelMapped("a", "b", 0), ModelMapped("b", "a", 0))
    assert charged_by(book, "a") == "of-b"


@pytest.mark.rule("P8")
def test_a_policy_speaks_of_the_model_that_an_alias_leads_to() -> None:
    own = policy(margin=multiplier("2"), model=MODEL)
    book = book_of(published("v1", list="cost"), ModelMapped("latest", MODEL, 0), own)
    assert charged_by(book, "latest") == "v1"


@pytest.mark.rule("P2")
def test_what_is_known_now_is_found_once_however_it_is_asked_for() -> None:
    book = book_of(published("v1"))
    now = book.choose(MODEL, None, "USD", ACCOUNT, 100)
    assert book.choose(MODEL, None, "USD", ACCOUNT, 100, known_at=1) is now
    assert book.choose(MODEL, None, "USD", ACCOUNT, 100, known_at=99) is now
    assert book.choose(MODEL, None, "USD", ACCOUNT, 100, known_at=0) is not now
