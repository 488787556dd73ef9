"""Whether each role may do exactly what its process needs, asked of Postgres in the role's own session."""

from __future__ import annotations

from typing import Any, Final

from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, failure, ok
from usage_ledger.diagnosis.grants import EVERY_COLUMN, PRIVILEGES, Rights, rights_of

_SHOWN_MAX: Final = 5

# What stands above every grant: whoever has one of these may do anything, or give himself the right to.
_ABOVE_GRANTS: Final = """
SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication,
       EXISTS (SELECT FROM pg_class AS c
                WHERE c.relnamespace = ANY (ARRAY(SELECT oid FROM pg_namespace WHERE nspname IN ('ledger', 'views')))
                  AND pg_has_role(c.relowner, 'USAGE')),
       EXISTS (SELECT FROM pg_namespace
                WHERE nspname IN ('ledger', 'views') AND has_schema_privilege(oid, 'CREATE'))
  FROM pg_roles WHERE rolname = current_user
"""
_NAMES_ABOVE: Final = ("a superuser", "above row security", "a maker of roles", "a replicator", "an owner of tables")

# Every privilege on every table that this session has, by whichever way: its own grants, PUBLIC's, another role's.
_HELD: Final = """
SELECT n.nspname || '.' || c.relname, privilege, has_table_privilege(c.oid, privilege),
       CASE WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN
            ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND has_column_privilege(c.oid, a.attnum, privilege))
            ELSE '{}' END
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN unnest(%s::text[]) AS privilege
 WHERE c.relkind IN ('r', 'p', 'v', 'm')
   AND (n.nspname IN ('ledger', 'views') OR (n.nspname, c.relname) = ('public', 'ledger_migrations'))
"""


def check_privileges(role: str, session: Connection[Any]) -> Finding:
    """``role`` as the settings know it, such as ``appender``. Raises psycopg.Error."""
    check = f"privileges {role}"
    above = _above_grants(session)
    if above:
        mend = f"log in as a plain role: setting postgres_{role}_dsn, role ledger_{role}"
        return failure(check, f"this login is {', '.join(above)}", mend)
    held, tables = _held(session)
    wrong = _differences(rights_of(f"ledger_{role}", tables), held)
    if not wrong:
        return ok(check, "exactly what its process needs")
    more = f" and {len(wrong) - _SHOWN_MAX} more" if len(wrong) > _SHOWN_MAX else ""
    mend = "REVOKE what is too much, as the owner; `usage-ledger migrate` grants what is missing"
    return failure(check, "; ".join(wrong[:_SHOWN_MAX]) + more, mend)


def _above_grants(session: Connection[Any]) -> list[str]:
    row = session.execute(_ABOVE_GRANTS).fetchone()
    names = (*_NAMES_ABOVE, "a maker of tables in our schemas")
    return [name for name, has_it in zip(names, row or (), strict=True) if has_it]


def _held(session: Connection[Any]) -> tuple[Rights, set[str]]:
    rights: Rights = {}
    tables: set[str] = set()
    for table, privilege, whole, columns in session.execute(_HELD, (list(PRIVILEGES),)):
        tables.add(table)
        if whole or columns:
            rights[table, privilege] = EVERY_COLUMN if whole else frozenset(columns)
    return rights, tables


def _differences(needed: Rights, held: Rights) -> list[str]:
    too_much = [f"may {_named(key, held)}" for key in sorted(held) if not _within(held[key], needed.get(key))]
    missing = [f"may not {_named(key, needed)}" for key in sorted(needed) if not _within(needed[key], held.get(key))]
    return too_much + missing


def _within(columns: frozenset[str], others: frozenset[str] | None) -> bool:
    return others is not None and (others == EVERY_COLUMN or columns <= others)


def _named(key: tuple[str, str], rights: Rights) -> str:
    table, privilege = key
    columns = "" if rights[key] == EVERY_COLUMN else f" ({', '.join(sorted(rights[key]))})"
    return f"{privilege}{columns} {table}"
