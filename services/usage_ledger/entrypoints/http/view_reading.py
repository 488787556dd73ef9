"""What all reads of views share: waiting for a write, pages, and what an answer reflects."""

from __future__ import annotations

from typing import Final, NamedTuple

from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import parse_position
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.reading import Reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger_views.reading.as_of import AsOf
from usage_ledger_views.reading.page import MAX_LIMIT
from usage_ledger_views.reading.wait_for import wait_for

WAIT_FOR: Final = Query("wait_for", "a write's position: wait, at most five seconds, until the view has reached it")
PAGE: Final = (
    Query(
        "limit",
        "how many at most, 50 by default",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    ),
    Query("after", "the `next` of the page before"),
)
ACCOUNT: Final = Query("account_id", "only what this account was charged for")
WORKSPACE: Final = Query("workspace_id", "only this workspace")

_MICROS: Final = 1_000_000


class Reach(NamedTuple):
    """The account and the workspace that an answer is about; None = any."""

    account_id: str | None
    workspace_id: str | None


def reach_of(reading: Reading) -> Reach:
    """What was asked for, within what the key is restricted to. Raises Problem ``key_scope``, InvalidRequest."""
    key = reading.caller.key
    reach = Reach(_named(reading, "account_id") or key.account_id, _named(reading, "workspace_id") or key.workspace_id)
    reading.caller.require_reach(*reach)
    return reach


def workspace_reach_of(reading: Reading) -> str | None:
    """The same of what belongs to no account: a key that is restricted to one does not reach it."""
    workspace_id = _named(reading, "workspace_id") or reading.caller.key.workspace_id
    reading.caller.require_reach(None, workspace_id)
    return workspace_id


def account_reach_of(reading: Reading) -> str | None:
    """The same of accounts as wholes: a key that is restricted to a workspace does not reach them."""
    account_id = _named(reading, "account_id") or reading.caller.key.account_id
    reading.caller.require_reach(account_id)
    return account_id


def age_s(reading: Reading, since: int) -> int:
    """Whole seconds since then (microseconds UTC), by this machine's clock; none if it is behind the appender's."""
    return max(0, reading.door.clock.now() - since) // _MICROS


async def await_position(reading: Reading) -> None:
    """Returns when the views have reached ``wait_for``, or when it took too long: ``as_of`` tells which."""
    asked = reading.query("wait_for")
    if asked is not None:
        position = parse_position(asked, "wait_for", reading.shard)
        await wait_for(reading.door.reads, reading.shard, position)


def limit_of(reading: Reading) -> int | None:
    """Raises InvalidRequest unless it is a number; the views clamp it."""
    asked = reading.query("limit")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 9:
        raise InvalidRequest("invalid_value", "limit: expected a whole number")
    return int(asked)


def reflected(as_of: AsOf) -> AsOfAnswer:
    return AsOfAnswer(format_micros(as_of.recorded_at), as_of.position)


def _named(reading: Reading, name: str) -> str | None:
    asked = reading.query(name)
    return None if asked is None else valid_id(asked, name)
