"""From a frame's payload to a command: the same structs, so the same rules and codes, as at the HTTP door."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, Final

import msgspec

from usage_ledger.entrypoints.http.bodies import require_no_nul
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.scopes import SCOPES
from usage_ledger.entrypoints.http.validation import invalid_body
from usage_ledger.entrypoints.kafka_door.frame import CommandFrame
from usage_ledger.entrypoints.kafka_door.not_taken import NotTaken
from usage_ledger.keys import commands as key_commands
from usage_ledger_schemas import codec
from usage_ledger_schemas.registry import SCHEMAS

CommandKind = type[msgspec.Struct]


def accepted_commands(kinds: Iterable[object], names: Container[str]) -> dict[str, CommandKind]:
    """Commands that the contract has a schema for, by name. None about keys: no secret travels on Kafka (K1)."""
    commands = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct))
    about_keys = key_commands.__name__
    return {kind.__name__: kind for kind in commands if kind.__module__ != about_keys and kind.__name__ in names}


ACCEPTED: Final = accepted_commands(SCOPES, SCHEMAS.latest)


def read_payload(frame: CommandFrame) -> tuple[CommandKind, codec.Decoded]:
    """The kind of command, and the record in its payload. Raises NotTaken."""
    kind = ACCEPTED.get(frame.command_type)
    if kind is None:
        raise NotTaken("command_not_accepted", "commands of this type are not taken over Kafka")
    name, record = _decoded(frame.payload)
    if name != frame.command_type:
        raise NotTaken("undecodable_payload", "the payload is another command than the frame says", is_dead=True)
    return kind, record


def command_of(kind: CommandKind, record: codec.Decoded) -> Any:
    """The command, judged by its struct. Raises NotTaken, with a pointer to what is wrong."""
    try:
        command = msgspec.convert(record, kind)
        require_no_nul(msgspec.json.encode(command))
    except msgspec.ValidationError as error:
        raise _invalid(invalid_body(error, msgspec.json.encode(record))) from None
    except InvalidRequest as invalid:
        raise _invalid(invalid) from None
    return command


def _decoded(payload: bytes) -> tuple[str, codec.Decoded]:
    try:
        return codec.decode_strict(*codec.unframe(payload))
    except codec.UnknownFingerprint:
        raise NotTaken("unknown_fingerprint", "no schema of the payload's fingerprint is known", is_dead=True) from None
    except codec.UndecodableRecord:
        detail = "the payload is not exactly one record in its canonical encoding"
        raise NotTaken("undecodable_payload", detail, is_dead=True) from None


def _invalid(invalid: InvalidRequest) -> NotTaken:
    return NotTaken(invalid.code, invalid.detail, invalid.errors[0].pointer)
