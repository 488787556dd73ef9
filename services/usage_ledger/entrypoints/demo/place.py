"""Where the demo plays: on a stack of its own that is thrown away, or on the ledger that the settings name."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, cast

from usage_ledger.embedded.data_folder import throw_away_folder
from usage_ledger.embedded.servers import Report
from usage_ledger.embedded.stack import StackOptions, running_ledger
from usage_ledger.settings import SETTINGS_FILE_VARIABLE, load_settings
from usage_ledger.unreachable import DependencyUnreachable

_NAMES_A_LEDGER: Final = (
    SETTINGS_FILE_VARIABLE,
    "USAGE_LEDGER_POSTGRES_APPENDER_DSN",
    "USAGE_LEDGER_POSTGRES_READER_DSN",
)
_KEY_LIFE: Final = timedelta(hours=1)


class Place(NamedTuple):
    """A running ledger. On one that others use too (``is_shared``), nothing that holds for all may be changed."""

    url: str
    reader_dsn: str
    environment: Mapping[str, str]
    is_shared: bool


@contextmanager
def demo_place(report: Report) -> Generator[Place]:
    """The configured ledger if there is one, else a stack that is gone at the end of the block."""
    if any(os.environ.get(name) for name in _NAMES_A_LEDGER):
        settings = load_settings()
        url = f"http://{settings.http_host}:{settings.http_port}"
        yield Place(url, settings.postgres_reader_dsn.get_secret_value(), dict(os.environ), is_shared=True)
        return
    with running_ledger(throw_away_folder(), StackOptions(fast_start=True), report) as stack:
        where = stack.connections
        yield Place(
            where.url, where.postgres_reader_dsn, where.environment(stack.folder.settings_file), is_shared=False
        )


def key_expiry() -> str:
    """Until when keys of the demo hold, should it not come to revoke them."""
    return (datetime.now(UTC) + _KEY_LIFE).isoformat()


def issue_admin_key(place: Place) -> tuple[str, str]:
    """Id and secret of a new admin key, issued as an operator would. Raises DependencyUnreachable."""
    command = [sys.executable, "-P", "-m", "usage_ledger", "keys", "issue", "--json", "--tenant", "platform"]
    options = ["--source", "demo-operator", "--scope", "admin", "--expires-at", key_expiry()]
    done = subprocess.run(
        [*command, *options], env=dict(place.environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DependencyUnreachable(f"no admin key could be issued: {done.stderr.strip()}")
    answer = cast("dict[str, str]", json.loads(done.stdout.splitlines()[-1]))
    return answer["key_id"], answer["secret"]
