"""CPU time and memory of processes, as Linux counts them in /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")
# Fields of /proc/<pid>/stat, counted from the state, which follows the name in parentheses.
_PARENT: Final = 1
_OWN_CPU: Final = slice(11, 13)
_CPU_WITH_ENDED_CHILDREN: Final = slice(11, 15)


class CpuMeter:
    """CPU seconds since it was made, by name. A process counts with all its children, those that ended included."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._began = self._now()

    def spent_s(self) -> dict[str, float]:
        """Seconds by name."""
        return {name: now - self._began[name] for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: _cpu_s(pid) for name, pid in self._pids.items()}


def rss_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes)."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) * 1_024 / 1e6, 1)
    return 0.0


def _cpu_s(pid: int) -> float:
    ticks = sum(map(int, _stat(pid)[_CPU_WITH_ENDED_CHILDREN]))
    return (ticks + sum(_own_ticks(child) for child in _children(pid))) / _TICKS_A_SECOND


def _own_ticks(pid: int) -> int:
    try:
        return sum(map(int, _stat(pid)[_OWN_CPU]))
    except (FileNotFoundError, ProcessLookupError):
        return 0  # ended just now; its parent counts it from now on


def _children(pid: int) -> Iterable[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == pid:
            yield int(entry.name)


def _parent(pid: int) -> int | None:
    try:
        return int(_stat(pid)[_PARENT])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _stat(pid: int) -> list[str]:
    """The fields behind the name, which may hold blanks itself."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
