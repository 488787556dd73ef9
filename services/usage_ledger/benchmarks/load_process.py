"""A load runs in a process of its own, so that its work is counted by itself and takes no turn in the measuring one.

The parent writes the job, waits until the child is ready, says go, and reads what came of it; one line of JSON each.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any, Final, Self

import msgspec

from usage_ledger.benchmarks.failed import BenchmarkFailed

_GO: Final = b"go\n"
_READY: Final = b"ready\n"

Load = Callable[[], "LoadResult"]


class LoadResult(msgspec.Struct, frozen=True):
    """What a load did. Instants are nanoseconds of the machine's monotonic clock, which all processes share.

    ``acked`` are samples of acknowledgements: the instant, and the positions by shard. ``settle_ms`` is of loads that
    hold credit first.
    """

    sent: int
    accepted: int
    began_ns: int
    ended_ns: int
    cpu_s: float
    ack_ms: list[float]
    acked: list[tuple[int, dict[int, int]]] = []
    settle_ms: list[float] = []

    @property
    def seconds(self) -> float:
        return (self.ended_ns - self.began_ns) / 1e9


class LoadProcess:
    """The child, from its start to its result. Leaving the block ends it, also half-way."""

    def __init__(self, module: str, job: msgspec.Struct) -> None:
        self._module = module
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._write(msgspec.json.encode(job) + b"\n")

    def wait_until_ready(self) -> Self:
        """Returns when the child only waits for the word. Raises BenchmarkFailed."""
        self._expect(_READY)
        return self

    def run(self) -> LoadResult:
        """Lets it go and waits for its end. Raises BenchmarkFailed."""
        self._write(_GO)
        line = self._pipe(self._child.stdout).readline()
        if not line:
            raise self._crashed()
        return msgspec.json.decode(line, type=LoadResult)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._child.kill()
        self._child.communicate()

    def _expect(self, line: bytes) -> None:
        if self._pipe(self._child.stdout).readline() != line:
            raise self._crashed()

    def _write(self, line: bytes) -> None:
        try:
            self._pipe(self._child.stdin).write(line)
            self._pipe(self._child.stdin).flush()
        except BrokenPipeError:
            raise self._crashed() from None

    def _crashed(self) -> BenchmarkFailed:
        return BenchmarkFailed(f"{self._module} ended with code {self._child.wait()}; what it said stands above")

    @staticmethod
    def _pipe(pipe: IO[Any] | None) -> IO[Any]:
        assert pipe is not None, "both pipes were asked for"  # noqa: S101
        return pipe


class CpuOfThisProcess:
    """CPU seconds of the process since this was made, its threads included."""

    def __init__(self) -> None:
        self._began = time.process_time()

    def spent_s(self) -> float:
        return time.process_time() - self._began


def obey(job_type: type[Any], prepare: Callable[[Any], Load]) -> None:
    """The child's side: read the job, prepare, and run when told to."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=job_type)
    load = prepare(job)
    _say(_READY)
    if sys.stdin.buffer.readline() == _GO:
        _say(msgspec.json.encode(load()) + b"\n")


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
