"""What the views in Postgres say of the demo's tenant, read as any dashboard would: with SQL, as the reader's role."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg.rows import class_row

from usage_ledger.adapters.postgres.read_pool import connect_reader
from usage_ledger.entrypoints.demo.scene import HOSTILE_WORKSPACE, LIMITED_WORKSPACE, Scene

Row = TypeVar("Row")

SHOWN_WORKSPACES: Final = 8

# Totals of the trace's workspaces, so without the two that have stories of their own.
_TRACE = """
    SELECT coalesce(sum(requests), 0)::bigint AS items, coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
           coalesce(sum(output_tokens), 0)::bigint AS output_tokens, coalesce(sum(charged), 0)::bigint AS charged
      FROM views.usage_summary WHERE tenant = %(tenant)s AND workspace_id <> ALL(%(aside)s)
"""

# The same of the hostile workspace.
_HOSTILE = _TRACE.replace("<> ALL(%(aside)s)", "= %(hostile)s")

# What is still held anywhere.
_HELD = "SELECT coalesce(sum(held), 0)::bigint AS held FROM views.account_balances WHERE tenant = %(tenant)s"

# Every account with all credit that came in, all that was charged, and what is left.
_ACCOUNTS = """
    SELECT account_id, currency, posted, overdraft,
           (SELECT coalesce(sum(amount), 0) FROM views.account_lots AS lot
             WHERE lot.tenant = account.tenant AND lot.account_id = account.account_id)::bigint AS credited,
           (SELECT coalesce(sum(charged), 0) FROM views.usage_summary AS used
             WHERE used.tenant = account.tenant AND used.account_id = account.account_id)::bigint AS charged,
           (SELECT count(*) FROM views.workspace_billing AS workspace
             WHERE workspace.tenant = account.tenant AND workspace.payer = account.account_id) AS workspaces
      FROM views.account_balances AS account WHERE tenant = %(tenant)s ORDER BY posted DESC, account_id
"""

# The workspaces that spent most, with their mode of now and who pays.
_WORKSPACES = """
    SELECT workspace_id, workspace.mode, payer, coalesce(sum(requests), 0)::bigint AS items,
           coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens,
           coalesce(sum(charged), 0)::bigint AS charged
      FROM views.workspace_billing AS workspace LEFT JOIN views.usage_summary USING (tenant, workspace_id)
     WHERE tenant = %(tenant)s GROUP BY workspace_id, workspace.mode, payer
     ORDER BY charged DESC, workspace_id LIMIT %(shown)s
"""

# One workspace's usage by the mode that each call was decided under; '' as account is nobody.
_MODES = """
    SELECT mode, account_id, sum(requests)::bigint AS items, sum(input_tokens + output_tokens)::bigint AS tokens,
           sum(charged)::bigint AS charged
      FROM views.usage_summary WHERE tenant = %(tenant)s AND workspace_id = %(protagonist)s
     GROUP BY mode, account_id ORDER BY mode DESC
"""


class UsageFigures(NamedTuple):
    """Totals; ``charged`` in nano-units."""

    items: int
    input_tokens: int
    output_tokens: int
    charged: int


class HeldFigures(NamedTuple):
    """Nano-units."""

    held: int


class AccountFigures(NamedTuple):
    """Amounts in nano-units of ``currency``."""

    account_id: str
    currency: str
    posted: int
    overdraft: int
    credited: int
    charged: int
    workspaces: int


class WorkspaceFigures(NamedTuple):
    """``charged`` in nano-units."""

    workspace_id: str
    mode: str
    payer: str
    items: int
    tokens: int
    charged: int


class ModeFigures(NamedTuple):
    """``charged`` in nano-units; ``account_id`` empty = nobody is charged."""

    mode: str
    account_id: str
    items: int
    tokens: int
    charged: int


class ViewFigures(NamedTuple):
    """Everything that is shown and proved, from one snapshot. ``held`` in nano-units, of all accounts."""

    trace: UsageFigures
    hostile: UsageFigures
    held: int
    accounts: Sequence[AccountFigures]
    workspaces: Sequence[WorkspaceFigures]
    modes: Sequence[ModeFigures]


def read_view_figures(dsn: str, scene: Scene) -> ViewFigures:
    """Raises DependencyUnreachable, psycopg.Error."""
    values = {
        "tenant": scene.tenant,
        "hostile": HOSTILE_WORKSPACE,
        "aside": [HOSTILE_WORKSPACE, LIMITED_WORKSPACE],
        "protagonist": scene.protagonist,
        "shown": SHOWN_WORKSPACES,
    }
    with connect_reader(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return ViewFigures(
            trace=_rows(connection, _TRACE, UsageFigures, values)[0],
            hostile=_rows(connection, _HOSTILE, UsageFigures, values)[0],
            held=_rows(connection, _HELD, HeldFigures, values)[0].held,
            accounts=_rows(connection, _ACCOUNTS, AccountFigures, values),
            workspaces=_rows(connection, _WORKSPACES, WorkspaceFigures, values),
            modes=_rows(connection, _MODES, ModeFigures, values),
        )


def _rows(
    connection: psycopg.Connection[Any], statement: LiteralString, kind: type[Row], values: Mapping[str, object]
) -> list[Row]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement, values).fetchall()
