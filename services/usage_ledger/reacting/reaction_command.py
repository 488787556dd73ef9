"""A command that follows from a fact: who sends it, and the id that it has whenever and by whomever it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from usage_ledger.recorded_event import Actor, Envelope
from usage_ledger.submission import Submission

SOURCE: Final = "reactor"


def reaction_command(envelope: Envelope, tenant: str, keys: Sequence[bytes], command: msgspec.Struct) -> Submission:
    """``keys`` are what the command is about, in any order; ``envelope`` is the fact's."""
    cause = cause_of(envelope)
    digest = blake2b(b"".join(sorted(keys)), digest_size=16)
    return Submission(
        command=command,
        tenant=tenant,
        source=SOURCE,
        command_id=f"{type(command).__name__}/{cause}/{digest.hexdigest()}",
        actor=Actor("system", SOURCE),
        correlation_id=envelope.correlation_id,
        request_hash=digest.digest(),
        causation_id=cause,
    )


def cause_of(envelope: Envelope) -> str:
    """The fact's event id as text."""
    return str(UUID(bytes=envelope.event_id))
