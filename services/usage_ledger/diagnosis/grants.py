"""What each role may do by the grants that ``migrate`` makes: read from those very files, so there is one truth.

The files are ours, and so is the little of SQL that they use; whatever else stands there is an error, not skipped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

EVERY_COLUMN: Final[frozenset[str]] = frozenset(("*",))
PRIVILEGES: Final[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

Rights = dict[tuple[str, str], frozenset[str]]
"""By table and privilege: the columns, ``EVERY_COLUMN`` for the whole table. What is not there is not allowed."""

_FILES: Final = (
    ("usage_ledger.adapters.postgres.migrations", "roles.sql"),
    ("usage_ledger_views.migrations", "grants.sql"),
)
_COMMENT: Final = re.compile(r"--[^\n]*")
_STATEMENT: Final = re.compile(r"(?P<verb>GRANT|REVOKE) (?P<what>.+?) ON (?P<where>.+?) (?:TO|FROM) (?P<whom>.+)")
_PRIVILEGE: Final = re.compile(r"(?P<name>[A-Z]+)(?: \((?P<columns>[^)]*)\))?")
_ALL_OF_SCHEMA: Final = "ALL TABLES IN SCHEMA "


class _Statement(NamedTuple):
    grants: bool
    privileges: Mapping[str, frozenset[str]]
    where: str
    roles: list[str]


def rights_of(role: str, tables: Collection[str]) -> Rights:
    """What ``role``, such as ``ledger_reader``, may do with those of ``tables`` that exist. Raises ValueError."""
    rights: Rights = {}
    for statement in _statements():
        if role in statement.roles:
            _follow(statement, tables, rights)
    return rights


def _together(some: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    return EVERY_COLUMN if EVERY_COLUMN in (some, more) else some | more


def _follow(statement: _Statement, tables: Collection[str], rights: Rights) -> None:
    for table in _tables(statement.where, tables):
        for privilege, columns in statement.privileges.items():
            if statement.grants:
                rights[table, privilege] = _together(rights.get((table, privilege), frozenset()), columns)
            else:
                rights.pop((table, privilege), None)


def _statements() -> Iterator[_Statement]:
    for package, name in _FILES:
        text = _COMMENT.sub("", files(package).joinpath(name).read_text(encoding="utf-8"))
        for each in filter(None, (" ".join(part.split()) for part in text.split(";"))):
            found = _STATEMENT.fullmatch(each)
            if found is None:
                raise ValueError(f"{name}: this is neither GRANT nor REVOKE: {each}")
            if not found["where"].startswith("SCHEMA "):
                yield _statement(found)


def _statement(found: re.Match[str]) -> _Statement:
    return _Statement(found["verb"] == "GRANT", _privileges(found["what"]), found["where"], found["whom"].split(", "))


def _privileges(text: str) -> Mapping[str, frozenset[str]]:
    if text == "ALL":
        return {privilege: EVERY_COLUMN for privilege in PRIVILEGES}  # noqa: C420 - fromkeys has a narrower type
    return {
        each["name"]: frozenset(each["columns"].split(", ")) if each["columns"] else EVERY_COLUMN
        for each in _PRIVILEGE.finditer(text)
    }


def _tables(where: str, tables: Collection[str]) -> list[str]:
    if where.startswith(_ALL_OF_SCHEMA):
        schema = where.removeprefix(_ALL_OF_SCHEMA)
        return [table for table in tables if table.startswith(f"{schema}.")]
    named = where.removeprefix("TABLE ").split(", ")
    return [table for table in tables if table in named]
