"""The frame around a command: the trust boundary. Bytes from anywhere give a frame, or the reason why they do not."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from usage_ledger.entrypoints.kafka_door.not_taken import Unreadable
from usage_ledger.identifiers import Id
from usage_ledger_schemas import codec, frames

MAX_RECORD_BYTES: Final = codec.HEADER_BYTES + codec.MAX_FRAME_BYTES
"""A larger record is refused before any of it is read, whatever the broker lets through."""

CommandType = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z]{1,64}\Z")]


class CommandFrame(msgspec.Struct, frozen=True):
    """Which command it is, and whose. ``sent_at`` is microseconds UTC by the sender's clock and decides nothing."""

    command_type: CommandType
    command_id: Id
    tenant: Id
    sent_at: int
    payload: bytes


def read_frame(value: bytes) -> CommandFrame:
    """The frame in a record's value. Raises Unreadable.

    Reasons: ``too_large``, ``not_a_frame``, ``unknown_fingerprint``, ``undecodable`` (truncated, with trailing bytes,
    not in the one canonical encoding), ``invalid_frame`` (ids that are no ids).
    """
    if len(value) > MAX_RECORD_BYTES:
        raise Unreadable("too_large")
    try:
        fields = _fields(value)
        return msgspec.convert(fields, CommandFrame, builtin_types=(bytes,))
    except codec.UnknownFingerprint:
        raise Unreadable("unknown_fingerprint") from None
    except codec.UndecodableRecord:
        raise Unreadable("undecodable") from None
    except msgspec.ValidationError:
        raise Unreadable("invalid_frame") from None


def _fields(value: bytes) -> codec.Decoded:
    try:
        fingerprint, body = codec.unframe(value)
    except codec.UndecodableRecord:
        raise Unreadable("not_a_frame") from None
    if codec.name_of(fingerprint) != frames.COMMAND:
        raise Unreadable("not_a_frame")
    return codec.decode_strict(fingerprint, body)[1]
