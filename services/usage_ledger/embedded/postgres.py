"""One Postgres server that listens on a Unix socket only and lets in nobody but the user who started it.

Whoever runs the stack may take any role, as peer authentication knows the operating system's user without a password.
It makes no role and no table; `migrate` does.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from usage_ledger.embedded.postgres_user import give_to, postgres_programs, postgres_user
from usage_ledger.embedded.refused import ServerFailed
from usage_ledger.embedded.unit import Unit

SUPERUSER = "postgres"
# The name of the socket only: nobody listens on TCP.
_PORT = 5432
_SOCKET_PATH_MAX = 100
_STOP_GRACE_MS = 20_000
_INITDB = ("--username", SUPERUSER, "--encoding=UTF8", "--locale=C", "--auth-local=peer", "--auth-host=reject")
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(_PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # Our statements are short: planning machine code for them costs more than it saves.
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Where the server keeps its data, its socket and its log, and settings beyond our own."""

    folder: Path
    socket_folder: Path
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    throw_away: bool = False

    def conninfo(self, database: str, role: str = SUPERUSER) -> str:
        """How to connect as a role. Host and port are in it, so the PG… variables of a shell change nothing."""
        return make_conninfo(host=str(self.socket_folder), port=_PORT, dbname=database, user=role)

    def prepare(self) -> None:
        """Makes the data folder the first time, and writes who may connect."""
        user = postgres_user()
        for folder in (self.folder, self.socket_folder):
            folder.mkdir(parents=True, exist_ok=True)
            give_to(folder, user)
        if not self._data.exists():
            self._initialise(user)
        (self._data / "pg_hba.conf").write_text(_PG_HBA)
        (self._data / "pg_ident.conf").write_text(_PG_IDENT.format(user=pwd.getpwuid(os.geteuid()).pw_name))

    def unit(self) -> Unit:
        """The running server. A throw-away one ends at once: nobody needs a checkpoint of it."""
        user = postgres_user()
        settings = {**_SETTINGS, "unix_socket_directories": f'"{self.socket_folder}"', **self.settings}
        return Unit(
            name="postgres",
            command=[
                str(postgres_programs(user) / "postgres"),
                *("-D", str(self._data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            log=str(self.log),
            environment=_environment(),
            stop_signal=signal.SIGQUIT if self.throw_away else signal.SIGINT,
            stop_grace_ms=_STOP_GRACE_MS,
            # Ends its own children too, which a plain kill would leave to find out by themselves.
            death_signal=signal.SIGQUIT,
            user=user,
        )

    def ensure_database(self, name: str) -> None:
        """Makes an empty database of this name if there is none."""
        with psycopg.connect(self.conninfo(SUPERUSER), autocommit=True) as connection:
            # Is there a database of this name?
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                # CREATE DATABASE takes no parameters; the name is one of ours.
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _initialise(self, user: str | None) -> None:
        """Works beside the place and moves the result there: half a data folder is never taken for a whole one."""
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        done = subprocess.run(
            [
                str(postgres_programs(user) / "initdb"),
                *("--pgdata", str(new)),
                *_INITDB,
                *(["--no-sync"] if self.throw_away else []),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode != 0:
            raise ServerFailed(f"postgres cannot make {new}:\n{done.stdout}{done.stderr}")
        new.rename(self._data)

    @property
    def _data(self) -> Path:
        return self.folder / "data"


def short_socket_folder(wanted: Path) -> Path:
    """The folder itself, or a short one for temporary files: the kernel limits the length of a socket's path."""
    if len(str(wanted / f".s.PGSQL.{_PORT}.lock")) <= _SOCKET_PATH_MAX:
        return wanted
    return Path(tempfile.mkdtemp(prefix="usage-ledger-", dir="/tmp"))


def _environment() -> dict[str, str]:
    """Ours without libpq's variables, which would point the server's own programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


_PG_HBA = """\
# Written at every start. Only the user who started the stack gets in, as any role; nothing listens on TCP.
local all all peer map=stack
"""

_PG_IDENT = """\
# Written at every start: the user of the operating system on the left may be every role.
stack {user} all
"""
