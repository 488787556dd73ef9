"""Calls come at an even rate, with a burst at once (L7); a key that runs wild is stopped (L8)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.holds.calls import happened, hold, open_ledger
from domain.rehearsal import SECOND, Rehearsal
from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.accounts.rate_limits.rate_limit import RateLimit
from usage_ledger.accounts.rate_limits.setting import RATE_LIMITS_MAX
from usage_ledger.accounts.usage_details import Attribution
from usage_ledger.submission import Breaker, Outcome


@pytest.fixture
def ledger() -> Rehearsal:
    ledger = open_ledger("10.00")
    ledger.given(SetRateLimit("acc", "chat", per_seconds=60, limit=3))
    return ledger


def ask(ledger: Rehearsal, hold_id: str, **fields: object) -> Outcome:
    """At the ledger's time, which stands still."""
    outcome = ledger.when(hold(hold_id, "0.01", **fields))
    ledger.wait(-SECOND)
    return outcome


@pytest.mark.rule("L7")
def test_a_burst_is_admitted_and_then_one_call_an_interval(ledger: Rehearsal) -> None:
    assert [ask(ledger, f"h{n}").code for n in range(3)] == [None, None, None]
    refused = ask(ledger, "h3")
    assert (refused.code, refused.facts) == ("rate_limited", {"retry_after": "20"})
    ledger.wait(20 * SECOND)
    assert [ask(ledger, f"h{n}").code for n in (4, 5)] == [None, "rate_limited"]


@pytest.mark.rule("L7")
def test_who_is_named_changes_nothing_and_other_capabilities_are_free(ledger: Rehearsal) -> None:
    users = [Attribution(user=f"u{n}") for n in range(4)]
    assert [ask(ledger, f"h{n}", attributed_to=user).code for n, user in enumerate(users)][-1] == "rate_limited"
    assert ask(ledger, "h4", capability="image").code is None


@pytest.mark.rule("U2")
def test_a_refusal_for_rate_is_not_kept_under_its_command_and_is_no_event(ledger: Rehearsal) -> None:
    for n in range(3):
        ask(ledger, f"h{n}")
    again = ledger.submission(hold("h3", "0.01"))
    assert [outcome.code for outcome in ledger.append(again)] == ["rate_limited"]
    assert "CommandRefused" not in happened(ledger, "t1/refusals")
    ledger.wait(60 * SECOND)
    assert [(outcome.outcome, outcome.replayed) for outcome in ledger.append(again)] == [("accepted", False)]


@pytest.mark.rule("H1")
def test_rate_is_judged_after_state_and_before_money(ledger: Rehearsal) -> None:
    for n in range(3):
        ask(ledger, f"h{n}")
    assert ask(ledger, "poor", workspace_id="nobody").code == "workspace_not_found"
    poor = ledger.when(hold("poor", "100.00"))
    assert poor.code == "rate_limited"


@pytest.mark.rule("L7")
def test_a_rate_limit_is_changed_and_taken_away(ledger: Rehearsal) -> None:
    for n in range(3):
        ask(ledger, f"h{n}")
    ledger.given(SetRateLimit("acc", "chat", per_seconds=60, limit=None))
    assert ask(ledger, "h3").code is None
    ledger.given(SetRateLimit("acc", "chat", per_seconds=60, limit=None))
    assert happened(ledger).count("RateLimitSet") == 2


@pytest.mark.rule("L7")
@given(st.integers(1, 50), st.integers(1, 120), st.integers(1, 20), st.lists(st.integers(0, 5_000_000), max_size=60))
def test_no_more_than_the_burst_and_the_rate_are_ever_admitted(
    limit: int, period_s: int, burst: int, gaps: list[int]
) -> None:
    rate = RateLimit(limit, period_s * SECOND, burst)
    now, arrival, admitted = 0, None, 0
    for gap in gaps:
        now += gap
        arrival, wait_s = rate.admit(arrival, now)
        admitted += not wait_s
        if wait_s:
            assert rate.admit(arrival, now + wait_s * SECOND)[1] == 0
    assert admitted <= burst + now * limit // (period_s * SECOND)


@pytest.mark.rule("L8")
def test_a_key_that_runs_wild_rests_and_is_let_in_again() -> None:
    ledger = open_ledger("10.00")
    breaker = Breaker("k1", requests=3, within_s=10, open_s=300)

    def send(n: int) -> Outcome:
        (outcome,) = ledger.append(msgspec.structs.replace(ledger.submission(hold(f"h{n}", "0.01")), breaker=breaker))
        return outcome

    assert [send(n).code for n in range(5)] == [None, None, None, "circuit_open", "circuit_open"]
    assert send(5).facts == {"retry_after": "298"}
    ledger.wait(300 * SECOND)
    assert send(6).code is None


@pytest.mark.rule("L8")
def test_there_is_no_breaker_unless_the_key_has_one() -> None:
    ledger = open_ledger("10.00")
    assert {ask(ledger, f"h{n}").code for n in range(200)} == {None}


def test_an_account_has_rate_limits_for_so_many_capabilities_and_no_more() -> None:
    ledger = open_ledger("10.00")
    ledger.given(*(SetRateLimit("acc", f"c{n}", 60, 3) for n in range(RATE_LIMITS_MAX)))
    assert ledger.when(SetRateLimit("acc", "one-more", 60, 3)).code == "too_many_rate_limits"
    ledger.given(SetRateLimit("acc", "c0", 60, 4), SetRateLimit("acc", "never", 60, None))
    ledger.given(SetRateLimit("acc", "c0", 60, None), SetRateLimit("acc", "one-more", 60, 3))
