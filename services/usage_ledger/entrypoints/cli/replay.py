"""`usage-ledger replay`: folds history again, and compares it with the views or shows the past."""

from __future__ import annotations

import time

import click
import psycopg

from usage_ledger.entrypoints.cli.delivered_history import DeliveredHistory
from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json, progress_console
from usage_ledger.entrypoints.cli.replay_answer import comparison_answer, past_answer
from usage_ledger.entrypoints.cli.replay_question import Question, point_of
from usage_ledger.entrypoints.cli.replay_screen import folding, show_comparison, show_past
from usage_ledger.entrypoints.cli.sessions import reading_session, writing_session
from usage_ledger.settings import load_settings
from usage_ledger_views.replaying.past import Past, read_past
from usage_ledger_views.replaying.replay import Comparison, Replay
from usage_ledger_views.views import VIEWS


@click.command()
@click.option("--to", help="As of then: a position such as 2-1041, or an RFC 3339 time of recording.")
@click.option("--account", "account_id", help="This account's balance and entries.")
@click.option("--workspace", "workspace_id", help="Who paid for this workspace.")
@click.option("--tenant", help="Only this tenant.")
@json_option
def replay(to: str | None, account_id: str | None, workspace_id: str | None, tenant: str | None, as_json: bool) -> None:
    """Fold history from the event store again, with the code of the projector.

    Without --to, --account and --workspace the outcome is compared with the live views at the positions that they stand
    at: equal digests, or each difference by view, key and column and exit code 1. With any of them it is shown:
    balances, entries and modes as of then. Exit code 1 then: nothing was found, or history is broken.

    Needs the reader's connection only: the ledger is read in one snapshot, and what is folded goes into temporary
    tables, which vanish with the command. Projectors may go on meanwhile.
    """
    settings = load_settings()
    question, dsn = Question(point_of(to), tenant, account_id, workspace_id), settings.postgres_reader_dsn
    try:
        answer = _compare if question.is_comparison else _show_past
        answer(dsn.get_secret_value(), question, as_json)
    except psycopg.errors.InsufficientPrivilege as error:
        raise click.ClickException(f"the reader's role lacks a privilege: {error.diag.message_primary}") from error


def _compare(dsn: str, question: Question, as_json: bool) -> None:
    began, console = time.monotonic(), progress_console(as_json=as_json)
    found = _comparison(dsn, question, as_json)
    show_comparison(found, console)
    if as_json:
        print_json(comparison_answer(found, time.monotonic() - began))
    if not found.agrees:
        raise AnswerIsNo


def _comparison(dsn: str, question: Question, as_json: bool) -> Comparison:
    with reading_session(dsn) as live, writing_session(dsn) as scratch:
        again = Replay(live, scratch, VIEWS, DeliveredHistory(live))
        standing = again.positions()
        until = {shard: standing.get(shard, 0) for shard in question.shards(live)}
        with folding(progress_console(as_json=as_json), sum(until.values())) as progressed:
            return again.compare(until, question.tenant, progressed)


def _show_past(dsn: str, question: Question, as_json: bool) -> None:
    began, console = time.monotonic(), progress_console(as_json=as_json)
    found = _past(dsn, question, as_json)
    show_past(found, console, with_entries=question.account_id is not None)
    if as_json:
        print_json(past_answer(found, time.monotonic() - began))
    if found.broken or not (found.balances or found.modes):
        raise AnswerIsNo


def _past(dsn: str, question: Question, as_json: bool) -> Past:
    with reading_session(dsn) as store, writing_session(dsn) as scratch:
        until = question.until(store)
        expected = sum(until.values()) if question.selection.is_everything else None
        with folding(progress_console(as_json=as_json), expected) as progressed:
            return read_past(scratch, VIEWS, DeliveredHistory(store), until, question.selection, progressed)
