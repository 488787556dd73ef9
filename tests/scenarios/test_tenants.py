"""Accounts are of tenants of their own, unless a command of the case joins them."""

from __future__ import annotations

from usage_ledger.scenarios.steps import Command
from usage_ledger.scenarios.tenants import tenants_of


def command(name, **fields):
    return Command(name, {key.rstrip("_"): value for key, value in fields.items()}, "id", False, "test", None, "when 1")


def opened(*labels):
    return [command("OpenAccount", account=label) for label in labels]


def test_each_account_is_of_a_tenant_called_like_itself():
    assert tenants_of(opened("A", "B")) == {"A": "A", "B": "B"}


def test_a_tenant_that_the_file_names_is_that():
    assert tenants_of([command("OpenAccount", account="A", tenant="acme")]) == {"A": "acme"}


def test_accounts_that_a_command_joins_are_of_the_first_ones_tenant():
    joins = [
        command("TransferCredits", from_="B", to="A"),
        command("AuthorizeBillTo", payer="C", beneficiary="D"),
        command("PlaceHold", account="E", bill_to="D"),
    ]
    tenants = tenants_of([*opened("A", "B", "C", "D", "E", "F"), *joins])
    assert tenants == {"A": "A", "B": "A", "C": "C", "D": "C", "E": "C", "F": "F"}


def test_joins_that_meet_later_are_one():
    joins = [command("TransferCredits", from_=giver, to=taker) for giver, taker in (("A", "B"), ("C", "D"), ("D", "B"))]
    assert set(tenants_of([*opened("A", "B", "C", "D"), *joins]).values()) == {"A"}


def test_a_named_tenant_is_that_of_its_whole_group():
    commands = [*opened("A"), command("OpenAccount", account="B", tenant="acme")]
    assert tenants_of([*commands, command("TransferCredits", from_="A", to="B")]) == {"A": "acme", "B": "acme"}


def test_an_account_that_is_never_opened_joins_nothing():
    assert tenants_of([*opened("A"), command("TransferCredits", from_="A", to="nobody")]) == {"A": "A"}
