"""The logins of the roles: whether each gets in, and why not. Nothing of a DSN is ever shown.

A DSN may hold a password, and what the driver says about a DSN may hold parts of it, so only the words of the server,
and a few known words of the driver, are passed on.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, failure, ok, unreachable, warning
from usage_ledger.settings import Settings

OWNER: Final = "owner"
_CONNECT_TIMEOUT_S: Final = 3
_STATEMENT_TIMEOUT_MS: Final = 10_000
_DSN: Final = re.compile(r"postgres_(\w+)_dsn")
_SAID_BY_SERVER: Final = re.compile(r"FATAL: +(?P<words>[^\n]*)")
_KNOWN: Final = (
    "Connection refused",
    "timeout expired",
    "connection timeout",
    "No such file or directory",
    "could not translate host name",
    "failed to resolve host",
    "server closed the connection unexpectedly",
    "certificate verify failed",
    "server does not support SSL",
)

Sessions = dict[str, Connection[Any]]
"""Open connections by role: ``appender``, ``reader`` …"""


class Login(NamedTuple):
    """A role as the settings know it, and its DSN."""

    role: str
    dsn: str


def logins(settings: Settings) -> list[Login]:
    """One of each setting ``postgres_<role>_dsn``."""
    found = [(_DSN.fullmatch(name), name) for name in type(settings).model_fields]
    return [Login(match[1], getattr(settings, name).get_secret_value()) for match, name in found if match]


def open_sessions(settings: Settings, stack: ExitStack) -> tuple[Sessions, list[Finding]]:
    """A session of each role that gets in, closed with ``stack``, and what there is to say about every login."""
    sessions: Sessions = {}
    findings: list[Finding] = []
    for login in logins(settings):
        try:
            sessions[login.role] = stack.enter_context(_connect(login))
        except psycopg.Error as error:
            findings.append(_not_let_in(login.role, error))
        else:
            findings.append(ok(_check(login.role), _where(sessions[login.role])))
    return sessions, findings


def _connect(login: Login) -> Connection[Any]:
    return psycopg.connect(
        login.dsn,
        autocommit=True,
        connect_timeout=_CONNECT_TIMEOUT_S,
        application_name="usage-ledger doctor",
        options=f"-c statement_timeout={_STATEMENT_TIMEOUT_MS} -c default_transaction_read_only=on",
    )


def _not_let_in(role: str, error: psycopg.Error) -> Finding:
    check, setting = _check(role), f"postgres_{role}_dsn"
    if not isinstance(error, psycopg.OperationalError):
        return failure(check, f"setting {setting} is no connection string", "write it as key=value pairs or as a URL")
    said = _SAID_BY_SERVER.search(str(error))
    if role == OWNER:
        words = said["words"] if said else _known_words(error)
        return warning(check, f"not let in: {words}", "only `migrate` needs it; run that where the owner may log in")
    if said is None:
        return unreachable(check, _known_words(error), f"start Postgres, or correct host and port in {setting}")
    return failure(check, f"not let in: {said['words']}", f"run `usage-ledger migrate`, or correct {setting}")


def _known_words(error: psycopg.Error) -> str:
    return next((words for words in _KNOWN if words in str(error)), "no connection")


def _where(session: Connection[Any]) -> str:
    return f"{session.info.user} in {session.info.dbname}"


def _check(role: str) -> str:
    return f"login {role}"
