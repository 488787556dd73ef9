"""The supervisor's log: one JSON object a line, on stdout, which its owner points at a file."""

import json
import sys
from datetime import UTC, datetime


def log(event: str, **fields: object) -> None:
    """Writes one line at once, so that the owner can read what happened while it waits."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
