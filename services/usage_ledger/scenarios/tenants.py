"""Whose accounts are whose: a tenant of its own for each, unless a command of the case joins two of them.

A command is sent by one tenant, which sees no account of another. So accounts between which a case moves credit, or of
which one pays for the other, are of one tenant: that which the file names, else the one called like the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from usage_ledger.scenarios.steps import Command


def tenants_of(commands: Sequence[Command]) -> Mapping[str, str]:
    """By account label."""
    named = {
        command.fields["account"]: command.fields.get("tenant") for command in commands if command.name == "OpenAccount"
    }
    tenants: dict[str, str] = {}
    for group in _groups(named, map(_joined_by, commands)):
        first = next((tenant for account in group if (tenant := named[account])), group[0])
        tenants.update({account: named[account] or first for account in group})
    return tenants


def _groups(accounts: Iterable[str], joins: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """Accounts in groups of those that were joined, both in the order in which they are opened."""
    leader = {account: account for account in accounts}
    for join in joins:
        led = {leader[account] for account in join if account in leader}
        first = next((account for account in leader if account in led), None)
        leader.update({account: first for account in leader if first is not None and leader[account] in led})
    for each in dict.fromkeys(leader.values()):
        yield [account for account in leader if leader[account] == each]


def _joined_by(command: Command) -> Sequence[str]:
    fields: Mapping[str, Any] = command.fields
    match command.name:
        case "TransferCredits":
            return fields["from"], fields["to"]
        case "AuthorizeBillTo" | "RevokeBillTo":
            return fields["payer"], fields["beneficiary"]
        case "DeclareDividend":
            return tuple(fields["recipients"])
        case _:
            return (fields["account"], fields["bill_to"]) if {"account", "bill_to"} <= fields.keys() else ()
