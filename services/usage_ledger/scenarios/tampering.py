"""Changes a stored journal line behind the ledger's back, so that a case can show that an audit finds it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from usage_ledger.accounts.journal import JournalLine
from usage_ledger.adapters.avro_mapper import encode_state
from usage_ledger.scenarios.worlds.world import World


class NoSuchEntry(LookupError):
    """No command of this id posted an entry."""


def tamper(world: World, command_id: str, code: int, amount: int) -> None:
    """In the entry of a command, lines of ``code`` get another ``amount`` (nano-units). Raises NoSuchEntry.

    The views have taken the entry in before, and do not look at it again: their balances are what was stored.
    """
    world.views.catch_up()
    for event in world.ledger.history.events:
        if event.envelope.command_id == command_id and hasattr(event.payload, "entries"):
            changed = _changed(event.payload, code, amount)
            world.overwrite(event, encode_state(type(changed).__name__, event.envelope, changed))
            return
    raise NoSuchEntry(command_id)


def _changed(payload: Any, code: int, amount: int) -> Any:
    def line(each: JournalLine) -> JournalLine:
        return replace(each, amount=amount) if each.code == code else each

    entries = [replace(entry, lines=tuple(line(each) for each in entry.lines)) for entry in payload.entries]
    return replace(payload, entries=tuple(entries))
