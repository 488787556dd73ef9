"""Small units and the questions that tests of the supervisor ask about them."""

import os
import subprocess
import sys
from pathlib import Path

from usage_ledger.embedded.unit import Unit


def shell_unit(folder: Path, name: str, script: str, **options) -> Unit:
    """A unit that runs a line of shell."""
    return Unit(name, ["/bin/sh", "-c", script], str(folder / f"{name}.log"), dict(os.environ), **options)


def is_alive(pid: int) -> bool:
    """Whether there is such a process; a zombie that waits for its parent is not alive."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def python_owner(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own that owns what the script makes, so that a test can kill it."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        process_group=0,
    )
