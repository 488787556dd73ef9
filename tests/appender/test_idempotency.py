"""A command and an attempt have their effect once, whoever sends them again, and however."""

from __future__ import annotations

from appender.ledger import Ledger, statuses
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase


def test_the_same_command_again_gets_the_first_answer_and_no_second_effect(ledger: Ledger) -> None:
    first = ledger.send(ledger.grant("5"), command_id="grant-1")
    again = ledger.send(ledger.grant("5"), command_id="grant-1")
    assert (again.answer, again.positions, again.replayed) == (first.answer, first.positions, True)
    assert ledger.balance() == "105.000000000"


def test_the_same_id_with_other_content_conflicts_and_changes_nothing(ledger: Ledger) -> None:
    ledger.send(ledger.grant("5"), command_id="grant-1", request_hash=b"1" * 16)
    other = ledger.send(ledger.grant("6"), command_id="grant-1", request_hash=b"2" * 16)
    assert (other.outcome, other.code) == ("refused", "idempotency_conflict")
    assert ledger.balance() == "105.000000000"


def test_two_equal_commands_in_one_group_have_one_effect(ledger: Ledger) -> None:
    twice = [ledger.submission(ledger.grant("5"), command_id="grant-1") for _ in range(2)]
    first, second = ledger.send_all(*twice)
    assert (first.replayed, second.replayed) == (False, True)
    assert ledger.balance() == "105.000000000"


def test_a_refusal_stays_when_money_or_facts_have_arrived_since(ledger: Ledger) -> None:
    first = ledger.send(GrantCredits("later", "5", "promo", "too early"), command_id="grant-later")
    ledger.send(OpenAccount("later", "org", "USD"))
    again = ledger.send(GrantCredits("later", "5", "promo", "too early"), command_id="grant-later")
    assert (first.code, again.code, again.replayed) == ("account_not_found", "account_not_found", True)


def test_an_attempt_sent_again_is_a_duplicate_and_not_charged_twice(ledger: Ledger) -> None:
    usage = ledger.usage("a1", "a2")
    assert statuses(ledger.send(usage)) == ["accepted", "accepted"]
    assert statuses(ledger.send(usage)) == ["duplicate", "duplicate"]
    assert ledger.balance() == "99.999500000"


def test_one_attempt_in_two_commands_of_one_group_is_taken_once(ledger: Ledger) -> None:
    first, second = ledger.send_all(*(ledger.submission(ledger.usage("a1")) for _ in range(2)))
    assert statuses(first) + statuses(second) == ["accepted", "duplicate"]
    assert ledger.balance() == "99.999750000"


def test_an_attempt_with_other_content_conflicts_and_the_first_stays(ledger: Ledger) -> None:
    ledger.send(ledger.usage("a1"))
    other = ledger.send(ledger.usage("a1", usage={"input_tokens": 999}))
    assert statuses(other) == ["conflict"]
    assert ledger.balance() == "99.999750000"


def test_a_rejected_item_takes_no_id_and_may_be_sent_again(ledger: Ledger) -> None:
    assert statuses(ledger.send(ledger.usage("a1", usage={"input_tokens": -1}))) == ["rejected"]
    assert statuses(ledger.send(ledger.usage("a1"))) == ["accepted"]


def test_a_waiting_item_keeps_its_id(ledger: Ledger) -> None:
    assert statuses(ledger.send(ledger.usage("a1", workspace="unknown"))) == ["quarantined"]
    assert statuses(ledger.send(ledger.usage("a1", workspace="unknown"))) == ["duplicate"]


def test_one_payment_reported_under_two_ids_is_one_purchase(ledger: Ledger) -> None:
    first = ledger.send(RecordPurchase("main", "7", "card/2"))
    again = ledger.send(RecordPurchase("main", "7", "card/2"))
    assert (again.outcome, again.answer) == ("duplicate", first.answer)
    assert ledger.send(RecordPurchase("main", "8", "card/2")).code == "payment_conflict"
    assert ledger.balance() == "107.000000000"


def test_the_same_ids_of_another_tenant_are_unrelated(ledger: Ledger) -> None:
    ledger.send(ledger.usage("a1"))
    other = ledger.send(ledger.usage("a1", tenant="other"), tenant="other")
    assert statuses(other) == ["quarantined"]
