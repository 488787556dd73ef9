"""Fetches one jar from the Maven registry, by way of jgo."""

import os
from pathlib import Path

from usage_ledger.embedded.jars import LockedJar
from usage_ledger.embedded.refused import StackRefused
from usage_ledger.unreachable import DependencyUnreachable

_TRIES = 3


def fetch_from_registry(jar: LockedJar, repository: Path) -> Path:
    """Puts the jar into the repository folder. Raises DependencyUnreachable if the registry does not give it."""
    try:
        from jgo.maven import MavenContext
    except ImportError:
        raise StackRefused("the embedded stack is not installed: pip install 'usage-ledger[embedded]'") from None
    problem: Exception | None = None
    for _ in range(_TRIES):
        try:
            context = MavenContext(repo_cache=repository, local_repos=[])
            return context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError) as error:  # jgo's own kinds: requests' errors are OSErrors
            (repository / jar.path).unlink(missing_ok=True)
            problem = error
    raise DependencyUnreachable(f"the Maven registry does not give {jar.path.name}: {problem}")


def local_maven_repository() -> Path:
    """Where Maven keeps jars for this user, which may have ours already."""
    return Path(os.environ.get("M2_REPO") or Path.home() / ".m2" / "repository")
