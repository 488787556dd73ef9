"""Commands and outcomes as they travel on Kafka: what a gateway puts on the one topic and takes off the other.

A command is framed twice. Its own bytes name its schema, so that a sender may be older or newer than the ledger; the
frame around them says which command it is and whose, so that it can be answered even if its content cannot be read.
"""

from __future__ import annotations

from usage_ledger_schemas import codec

COMMAND = "CommandFrame"
OUTCOME = "CommandOutcome"


def command_frame(command_type: str, command: object, *, command_id: str, tenant: str, sent_at: int) -> bytes:
    """The value of a record for a topic of commands: ``command`` is a dict or structs of the schema ``command_type``.

    ``sent_at`` is microseconds UTC. Send the very same bytes again until there is an outcome: a repeat under the same
    ``command_id`` with another payload is refused. Raises UnencodableRecord.
    """
    fields = {
        "command_type": command_type,
        "command_id": command_id,
        "tenant": tenant,
        "sent_at": sent_at,
        "payload": single_object(command_type, command),
    }
    return single_object(COMMAND, fields)


def read_outcome(value: bytes) -> codec.Decoded:
    """The outcome in a record of the topic of outcomes. Raises UnknownFingerprint, UndecodableRecord."""
    name, record = codec.decode_strict(*codec.unframe(value))
    if name != OUTCOME:
        raise codec.UndecodableRecord(f"{name} is no outcome")
    return record


def single_object(name: str, record: object) -> bytes:
    """The record in Avro's single-object encoding. Raises UnencodableRecord."""
    return codec.frame(codec.fingerprint(name), codec.encode(name, record))
