"""The jars of Kafka: exactly those of the committed lock, checked by SHA-256 every time before they are used.

jgo fetches each of them from the Maven registry. A jar whose bytes are others than the lock says never gets on the
class path: a damaged copy in a cache is fetched again, a wrong one from the registry is refused.
"""

import hashlib
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from usage_ledger.embedded.refused import StackRefused

# Small files from one host: more at a time gains little and is impolite.
_FETCHES_AT_A_TIME = 6


@dataclass(frozen=True, slots=True)
class LockedJar:
    """A jar by its Maven coordinates, and the only bytes that we accept for it."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where a Maven repository keeps it."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


# Puts a jar into a repository folder and returns its path there.
Fetch = Callable[[LockedJar, Path], Path]


def kafka_jars() -> list[LockedJar]:
    """The lock that this version was tested with."""
    lock = tomllib.loads(files("usage_ledger.embedded").joinpath("kafka.lock.toml").read_text())
    return [
        LockedJar(each["groupId"], each["artifactId"], each["version"], each["sha256"]) for each in lock["dependencies"]
    ]


def class_path(
    jars: Sequence[LockedJar],
    *,
    cache: Path,
    other_repositories: Sequence[Path],
    fetch: Fetch,
    report: Callable[[int, int], None],
) -> list[Path]:
    """Where each jar lies, every one verified. What is in no folder is fetched into `cache`.

    `report(done, all)` is called after each jar that had to be fetched. Raises StackRefused for wrong bytes and
    DependencyUnreachable if the registry does not answer.
    """
    found = {jar: _verified_copy(jar, [cache, *other_repositories]) for jar in jars}
    missing = [jar for jar, path in found.items() if path is None]
    with ThreadPoolExecutor(_FETCHES_AT_A_TIME) as threads:
        fetched = threads.map(partial(_fetched, cache, fetch), missing)
        for done, (jar, path) in enumerate(zip(missing, fetched, strict=True), start=1):
            found[jar] = path
            report(done, len(missing))
    return [path for path in found.values() if path is not None]


def _verified_copy(jar: LockedJar, repositories: Sequence[Path]) -> Path | None:
    copies = (repository / jar.path for repository in repositories)
    return next((copy for copy in copies if copy.is_file() and _sha256(copy) == jar.sha256), None)


def _fetched(cache: Path, fetch: Fetch, jar: LockedJar) -> Path:
    """Fetches beside the place and moves it there once it is right, so that nobody ever meets half a jar."""
    target = cache / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as beside:
        new = fetch(jar, Path(beside))
        found = _sha256(new)
        if found != jar.sha256:
            raise StackRefused(f"{jar.path.name} from the registry has SHA-256 {found}; the lock says {jar.sha256}")
        return new.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
