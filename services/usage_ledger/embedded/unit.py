"""One process that the supervisor keeps running, described so that it can be sent to it as a line of JSON."""

import json
import signal
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Unit:
    """How to start a process, how to end it, and as whom it runs."""

    name: str
    command: list[str]
    log: str
    environment: dict[str, str] = field(repr=False)
    # What asks for an orderly end, and after how long the process group is killed instead.
    stop_signal: int = signal.SIGTERM
    stop_grace_ms: int = 10_000
    # What the kernel sends when the supervisor itself was killed.
    death_signal: int = signal.SIGKILL
    # Only root may start a process as somebody else.
    user: str | None = None

    def to_json(self) -> str:
        """One line, without a line feed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Unit":
        """The unit that `to_json` wrote."""
        return cls(**json.loads(line))
