"""The folder of one embedded stack: data, logs and connections, locked for as long as anything of it runs."""

import contextlib
import fcntl
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from usage_ledger.embedded.postgres_user import closed_parent
from usage_ledger.embedded.refused import StackRefused

# An earlier stack whose owner was killed needs a moment to stop.
_LOCK_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A locked folder and what lies in it."""

    path: Path
    throw_away: bool
    lock_fd: int

    def close(self) -> None:
        """Gives up our hold; the folder stays locked while a supervisor has it."""
        os.close(self.lock_fd)

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.path / "logs"

    @property
    def settings_file(self) -> Path:
        """The connections of the running stack, for other processes and commands."""
        return self.path / "settings.toml"

    @property
    def postgres(self) -> Path:
        """Postgres' files and its socket."""
        return self.path / "postgres"

    @property
    def kafka(self) -> Path:
        """Kafka's files."""
        return self.path / "kafka"


def kept_folder(path: Path | None) -> DataFolder:
    """The folder at the path, or this user's own; its data survive. Raises StackRefused if it cannot be used."""
    path = (path or default_folder()).expanduser().absolute()
    if path.exists() and not (path / "lock").exists() and any(path.iterdir()):
        raise StackRefused(f"{path} holds other things; choose an empty or a new folder")
    return _opened(path, throw_away=False)


def throw_away_folder() -> DataFolder:
    """A new folder for temporary files; the supervisor removes it at the end."""
    return _opened(Path(tempfile.mkdtemp(prefix="usage-ledger-")).resolve(), throw_away=True)


def default_folder() -> Path:
    """Where data are kept unless somebody says otherwise. Root's home is closed to the user that Postgres runs as."""
    if os.geteuid() == 0:
        return Path("/var/lib/usage-ledger")
    return platformdirs.user_data_path("usage-ledger")


def jar_cache() -> Path:
    """Where this user's copy of Kafka's jars is."""
    return platformdirs.user_cache_path("usage-ledger", ensure_exists=True)


def _opened(path: Path, *, throw_away: bool) -> DataFolder:
    try:
        _make(path)
        folder = DataFolder(path, throw_away, _lock(path / "lock"))
        folder.logs.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise StackRefused(f"cannot use the folder {path}: {error.strerror}") from None
    return folder


def _make(path: Path) -> None:
    if os.geteuid() != 0:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        return
    _refuse_closed_parent(path)
    path.mkdir(parents=True, exist_ok=True)
    # Passing through is all that the user of Postgres needs.
    path.chmod(0o711)


def _refuse_closed_parent(path: Path) -> None:
    closed = closed_parent(path)
    if closed is not None:
        raise StackRefused(
            f"as root, Postgres runs as another user, who cannot pass through {closed}: "
            f"choose another folder, such as {default_folder()}"
        )


def _lock(path: Path) -> int:
    """Held by the supervisor as well, so the lock ends with the last process that needs the folder."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        if time.monotonic() > deadline:
            os.close(fd)
            raise StackRefused(f"another stack runs in {path.parent}")
        time.sleep(0.1)
