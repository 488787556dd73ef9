"""Every rule of the ledger is proven by a test that says so: by ``rule("C7")``, or by the rules of a scenario case."""

from __future__ import annotations

from rules.proof import ids_in, marked, proven

RULES = ids_in("rules.txt")
BILLING_MODE = ids_in("billing_mode.txt")


def test_no_rule_is_without_a_test():
    assert [rule for rule in RULES if rule not in proven()] == []


def test_no_invariant_and_no_pitfall_of_billing_mode_is_without_a_test():
    assert len(BILLING_MODE) == 13 + 20
    assert [rule for rule in BILLING_MODE if rule not in proven()] == []


def test_a_marker_names_a_rule_or_the_answer_to_a_question_of_another_chapter():
    assert {rule for rule in proven() if rule[0] in "MAJCHUPLK"} <= set(RULES)
    assert {rule for rule in proven() if rule.startswith("billing-mode-")} <= set(BILLING_MODE)


def test_a_module_without_markers_proves_nothing():
    assert set(marked("def test_it():\n    assert rule('C7')\n")) == set()
    assert set(marked("@pytest.mark.rule('C7')\ndef test_it(): ...\n")) == {"C7"}
