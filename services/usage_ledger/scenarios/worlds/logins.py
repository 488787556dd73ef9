"""Who connects to a database as whom: one login a role, so that the roles' grants are rehearsed as well."""

from __future__ import annotations

from typing import NamedTuple

from psycopg.conninfo import make_conninfo

from usage_ledger.settings import Settings


class Logins(NamedTuple):
    """Conninfos. ``owner`` may make databases."""

    owner: str
    appender: str
    reactor: str
    scheduler: str
    projector: str
    reader: str

    def to(self, database: str) -> Logins:
        """The same logins to another database of the server."""
        return Logins(*(make_conninfo(login, dbname=database) for login in self))


def logins_of_roles(server: str) -> Logins:
    """On a server that lets its superuser be every role: the embedded one."""
    roles = ("ledger_appender", "ledger_reactor", "ledger_scheduler", "ledger_projector", "ledger_reader")
    return Logins(server, *(make_conninfo(server, user=role) for role in roles))


def logins_of_settings(settings: Settings) -> Logins:
    """As the settings name them."""
    return Logins(
        owner=settings.postgres_owner_dsn.get_secret_value(),
        appender=settings.postgres_appender_dsn.get_secret_value(),
        reactor=settings.postgres_reactor_dsn.get_secret_value(),
        scheduler=settings.postgres_scheduler_dsn.get_secret_value(),
        projector=settings.postgres_projector_dsn.get_secret_value(),
        reader=settings.postgres_reader_dsn.get_secret_value(),
    )
