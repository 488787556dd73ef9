"""For whom it was used stands beside who pays, and never decides it (U14)."""

from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.usage_details import Attribution, DecisionDetail
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

from .metered_ledger import METERED, record, usage_events

LISTED = "t1/account-listed"


@pytest.fixture
def ledger(ledger: Rehearsal) -> Rehearsal:
    """Beside an account that lists nobody, one that does."""
    ledger.given(
        OpenAccount("listed", "org", "USD", members=("u1", "u2"), workspaces=("desk",)),
        RegisterWorkspace("ours", account_id="listed"),
    )
    return ledger


@pytest.mark.rule("U14")
def test_a_line_says_for_whom_it_was_used(ledger: Rehearsal) -> None:
    said = {"user": "u1", "workspace": "desk", "key": "k1", "team": "t1", "end_user": "e1"}
    record(ledger, {"workspace_id": "ours", "attributed_to": said})
    (event,) = usage_events(ledger, LISTED)
    assert event.decisions[0].detail == DecisionDetail(attribution=Attribution(**said))


@pytest.mark.rule("U14")
@pytest.mark.parametrize("said", [{"user": "stranger"}, {"workspace": "attic"}, {"user": "u1", "workspace": "attic"}])
def test_usage_of_somebody_unknown_is_charged_and_kept_unattributed(ledger: Rehearsal, said: dict[str, str]) -> None:
    (answer,) = record(ledger, {"workspace_id": "ours", "attributed_to": said})
    assert (answer["status"], answer["charged"]) == ("accepted", "1.00")
    (event,) = usage_events(ledger, LISTED)
    assert event.decisions[0].detail == DecisionDetail(attribution_rejected=Attribution(**said))


def test_an_account_that_lists_nobody_takes_every_name(ledger: Rehearsal) -> None:
    record(ledger, {"attributed_to": {"user": "anybody", "workspace": "anywhere"}})
    (event,) = usage_events(ledger)
    assert event.decisions[0].detail == DecisionDetail(attribution=Attribution("anybody", "anywhere"))


@pytest.mark.rule("U14")
def test_lines_of_several_users_share_an_event_and_a_payer(ledger: Rehearsal) -> None:
    answers = record(
        ledger,
        *({"id": f"a{n}", "workspace_id": "ours", "attributed_to": {"user": f"u{n % 3}"}} for n in range(6)),
        {"id": "plain", "workspace_id": "ours"},
    )
    assert {answer["account_id"] for answer in answers} == {"listed"}
    (event,) = usage_events(ledger, LISTED)
    named = [event.decisions[line.decision].detail for line in event.lines]
    assert [detail.attribution.user if detail and detail.attribution else None for detail in named] == [
        None,
        "u1",
        "u2",
        None,
        "u1",
        "u2",
        None,
    ]
    assert len(event.decisions) == 4


def test_usage_that_nobody_pays_for_is_attributed_too(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "their own key"))
    record(ledger, {"attributed_to": {"user": "u9"}})
    (event,) = usage_events(ledger, METERED)
    assert event.decisions[0].detail == DecisionDetail(attribution=Attribution("u9"))
