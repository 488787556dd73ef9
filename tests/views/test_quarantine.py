"""The list of usage in quarantine: what is kept is in it until it is booked or discarded by name (U5)."""

from __future__ import annotations

from typing import Any

import pytest

from usage_ledger_views.quarantine.queries import list_quarantine
from views.open_items import judged, kept
from views.recorded import NOW, TENANT, Shard

SECOND = 1_000_000
STREAM = f"{TENANT}/quarantine"


class Quarantine:
    """Records events of the quarantine stream and brings the view up to date."""

    def __init__(self, shard: Shard, writer: Any, *, together: bool) -> None:
        self.shard = shard
        self._writer = writer
        self._together = together

    def keep(self, *items: dict[str, Any]) -> None:
        self.shard.record(STREAM, "UsageQuarantined", items=list(items))

    def judge(self, *items: dict[str, Any]) -> None:
        self.shard.record(STREAM, "WaitingUsageJudged", items=list(items))

    def assign(self, attempt_id: str) -> None:
        self.shard.record(STREAM, "PayerAssigned", **self._of(attempt_id), account_id="main")

    def discard(self, attempt_id: str, disposition: str) -> None:
        self.shard.record(STREAM, "QuarantinedDiscarded", **self._of(attempt_id), disposition=disposition)

    def project(self) -> None:
        records = self.shard.on_topic()
        for batch in [records] if self._together else [[record] for record in records]:
            self._writer.write(batch)

    def _of(self, attempt_id: str) -> dict[str, str]:
        return {"attempt_id": attempt_id, "attempt_source": "gateway", "workspace_id": "nobody", "reason": "r"}


@pytest.fixture(params=[True, False], ids=["in one batch", "batch by batch"])
def quarantine(request, shard, writer) -> Quarantine:
    return Quarantine(shard, writer, together=request.param)


@pytest.fixture
def listed(ask, quarantine):
    def look(**asked):
        quarantine.project()
        return ask(lambda connection: list_quarantine(connection, 0, TENANT, **asked))

    return look


def names(page):
    return [(item.attempt_id, item.disposition) for item in page.items]


@pytest.mark.rule("U5")
def test_a_kept_item_is_listed_raw_with_its_reason_age_and_amount_at_risk(quarantine, listed):
    quarantine.keep(kept("a"), kept("b", "rejected", amount_at_risk=7, currency="EUR"))
    newest, oldest = listed().items
    assert (newest.attempt_id, newest.disposition, newest.reason) == ("b", "rejected", "unknown_unit")
    assert (newest.amount_at_risk, newest.currency, oldest.amount_at_risk) == (7, "EUR", None)
    assert (oldest.source, oldest.workspace_id, oldest.occurred_at) == ("gateway", "nobody", NOW)
    assert (oldest.since, oldest.position, oldest.place, oldest.raw) == (NOW + SECOND, 1, 0, b'{"id": "a"}')


@pytest.mark.rule("U5")
def test_an_item_leaves_when_it_is_booked_assigned_or_discarded(quarantine, listed):
    quarantine.keep(kept("booked"), kept("assigned"), kept("discarded"), kept("stays"))
    quarantine.judge(judged("booked"))
    quarantine.assign("assigned")
    quarantine.discard("discarded", "waiting")
    assert names(listed()) == [("stays", "waiting")]


def test_an_item_that_waits_for_something_else_says_so_and_keeps_its_age(quarantine, listed):
    quarantine.keep(kept("a"))
    quarantine.judge(judged("a", "no_pin"))
    (item,) = listed().items
    assert (item.reason, item.since, item.raw) == ("no_pin", NOW + SECOND, b'{"id": "a"}')


def test_an_item_that_is_rejected_again_is_one_item_as_old_as_its_first(quarantine, listed):
    quarantine.keep(kept("a", "rejected"))
    quarantine.keep(kept("a", "rejected", reason="invalid_quantity", raw=b'{"id": "later"}'))
    (item,) = listed().items
    assert (item.reason, item.raw, item.since) == ("invalid_quantity", b'{"id": "later"}', NOW + SECOND)


def test_an_item_that_was_given_up_and_comes_again_is_a_new_one(quarantine, listed):
    quarantine.keep(kept("a", "rejected"))
    quarantine.discard("a", "rejected")
    quarantine.keep(kept("a", "rejected"))
    (item,) = listed().items
    assert (item.since, item.position) == (NOW + 3 * SECOND, 3)


def test_a_rejected_and_a_waiting_item_of_one_id_are_two(quarantine, listed):
    quarantine.keep(kept("a", "rejected"))
    quarantine.keep(kept("a"))
    quarantine.discard("a", "rejected")
    assert names(listed()) == [("a", "waiting")]


def test_a_disposition_and_a_workspace_narrow_the_list(quarantine, listed):
    quarantine.keep(kept("a"), kept("b", "rejected"), kept("c", workspace_id="else"))
    assert names(listed(disposition="waiting")) == [("c", "waiting"), ("a", "waiting")]
    assert names(listed(workspace_id="else")) == [("c", "waiting")]


def test_pages_go_back_in_history_and_miss_nothing(quarantine, listed):
    quarantine.keep(kept("a"), kept("b"))
    quarantine.keep(kept("c"))
    first = listed(limit=2)
    second = listed(limit=2, after=first.next)
    assert [item.attempt_id for item in (*first.items, *second.items)] == ["c", "b", "a"]
    assert second.next is None


def test_the_list_says_when_the_quarantine_stream_is_blocked(quarantine, listed, writer):
    quarantine.keep(kept("a"))
    quarantine.keep(kept("b"))
    writer.write(quarantine.shard.on_topic()[1:])
    assert listed().incomplete
