"""The real views on Postgres, written from the store by the projector's own writer, without Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from usage_ledger.scenarios.worlds.databases import SHARDS
from usage_ledger.scenarios.worlds.logins import Logins
from usage_ledger.scenarios.worlds.published_records import published_after
from usage_ledger.scenarios.worlds.world import (
    AccountRef,
    BilledAs,
    CodeBalance,
    CodeTotal,
    Figures,
    MemberUsage,
    Movement,
    Movements,
    Suspended,
    UsageTotal,
)
from usage_ledger.streams import shard_of
from usage_ledger_views.account_balances.queries import read_balance
from usage_ledger_views.account_entries.queries import list_movements
from usage_ledger_views.code_balances.queries import read_trial_balance_of_all
from usage_ledger_views.lifetime_spend.queries import read_lifetime_spend
from usage_ledger_views.member_usage.queries import list_member_usage
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.reading.page import Page, clamp
from usage_ledger_views.suspense.queries import list_suspense
from usage_ledger_views.usage_summary.queries import UsageFilter, summarize_usage
from usage_ledger_views.views import VIEWS
from usage_ledger_views.workspace_billing.queries import read_workspace_billing

Answer = TypeVar("Answer")
Question = Callable[[AsyncConnection[Any]], Awaitable[Answer]]
PageQuestion = Callable[[AsyncConnection[Any], str | None], Awaitable[Page[Answer]]]

_FIRST_DAY: Final = date(1970, 1, 1)

# Every journal line that the statements hold, added up by account and code.
_CODE_BALANCES: Final = """
    SELECT account.tenant, account.account_id, account.currency, (line ->> 'code')::int AS code,
           sum(CASE line ->> 'side' WHEN 'debit' THEN 1 ELSE -1 END * (line ->> 'amount')::numeric)::bigint
      FROM views.account_entries AS entry
      JOIN views.account_balances AS account
        ON account.tenant = entry.tenant AND account.account_id = entry.account_id,
           jsonb_path_query(entry.entries, '$[*].lines[*]') AS line
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


class ProjectedViews:
    """See ``Views``."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    def catch_up(self) -> None:
        with (
            psycopg.connect(self._logins.reader) as store,
            psycopg.connect(self._logins.projector, autocommit=True) as connection,
        ):
            writer = BatchWriter(connection, VIEWS, range(SHARDS))
            for shard in range(SHARDS):
                while page := list(published_after(store, shard, writer.offsets[shard])):
                    writer.write(page)

    def figures(self, account: AccountRef) -> Figures | None:
        found = self._ask(lambda connection: read_balance(connection, _shard(account), *account))
        if found is None:
            return None
        return Figures(
            balance=found.account.posted,
            held=found.account.held,
            available=found.account.available,
            overdraft=found.account.overdraft,
            unbilled=found.account.unbilled,
            state=found.account.status,
            lots={lot.lot: lot.remaining for lot in found.lots},
        )

    def code_balances(self) -> list[CodeBalance]:
        with psycopg.connect(self._logins.reader) as connection:
            rows = connection.execute(_CODE_BALANCES).fetchall()
        return [
            CodeBalance(AccountRef(tenant, account_id), currency, code, debit)
            for tenant, account_id, currency, code, debit in rows
        ]

    def trial_balance(self) -> list[CodeTotal]:
        found = self._ask(read_trial_balance_of_all)
        return [
            CodeTotal(currency.currency, code.code, code.debits - code.credits)
            for currency in found.currencies
            for code in currency.codes
        ]

    def statement(self, account: AccountRef, limit: int | None, page: int) -> Movements | None:
        async def ask(connection: AsyncConnection[Any]) -> Movements | None:
            after: str | None = None
            for _ in range(page - 1):
                before = await list_movements(connection, _shard(account), *account, limit=limit, after=after)
                if before is None or before.next is None:
                    return None if before is None else Movements((), more=False, limit=clamp(limit))
                after = before.next
            found = await list_movements(connection, _shard(account), *account, limit=limit, after=after)
            if found is None:
                return None
            items = [Movement(UUID(each.event_id).bytes, each.type, each.effect) for each in found.items]
            return Movements(items, found.next is not None, clamp(limit))

        return self._ask(ask)

    def usage_total(self, account: AccountRef, start_day: int, end_day: int) -> UsageTotal:
        chosen = UsageFilter(_date(start_day), _date(end_day), account.account_id, None)
        found = self._ask(
            lambda connection: summarize_usage(
                connection, _shard(account), account.tenant, group_by=[], chosen=chosen, limit=None, after=None
            )
        )
        return UsageTotal(sum(each.requests for each in found.items), sum(each.charged for each in found.items))

    def member_usage(self, account: AccountRef) -> list[MemberUsage]:
        chosen = UsageFilter(account_id=account.account_id)
        found = self._ask_for_all(
            lambda connection, after: list_member_usage(
                connection, _shard(account), account.tenant, chosen=chosen, after=after
            )
        )
        return [MemberUsage(each.user_id or None, each.lines, each.charged) for each in found]

    def lifetime_spend(self, account: AccountRef) -> int | None:
        found = self._ask(lambda connection: read_lifetime_spend(connection, _shard(account), *account))
        return None if found is None else found.usage + found.fees

    def suspense(self, account: AccountRef) -> list[Suspended]:
        found = self._ask_for_all(
            lambda connection, after: list_suspense(
                connection, _shard(account), account.tenant, account_id=account.account_id, after=after
            )
        )
        return [Suspended(line.attempt_id, line.reason, line.amount_at_risk) for line in reversed(found)]

    def billed_as(self, tenant: str, workspace_id: str) -> BilledAs | None:
        shard = shard_of(tenant, SHARDS)
        found = self._ask(
            lambda connection: read_workspace_billing(connection, shard, tenant, workspace_id, _FIRST_DAY)
        )
        return None if found is None else BilledAs(*(getattr(found.workspace, name) for name in BilledAs._fields))

    def _ask_for_all(self, question: PageQuestion[Answer]) -> list[Answer]:
        """Page by page, following the cursor."""

        async def ask(connection: AsyncConnection[Any]) -> list[Answer]:
            page = await question(connection, None)
            found = list(page.items)
            while page.next is not None:
                page = await question(connection, page.next)
                found += page.items
            return found

        return self._ask(ask)

    def _ask(self, question: Question[Answer]) -> Answer:
        async def ask() -> Answer:
            async with await AsyncConnection.connect(self._logins.reader) as connection:
                return await question(connection)

        return asyncio.run(ask())


def _shard(account: AccountRef) -> int:
    return shard_of(account.tenant, SHARDS)


def _date(day: int) -> date:
    return _FIRST_DAY + timedelta(days=day)
