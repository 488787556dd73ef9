"""`usage-ledger repair STREAM`: folds a blocked stream again from the event store, while everything else goes on."""

from __future__ import annotations

import click

from usage_ledger.entrypoints.cli.delivered_history import DeliveredHistory
from usage_ledger.entrypoints.cli.exits import AnswerIsNo
from usage_ledger.entrypoints.cli.output import json_option, print_json
from usage_ledger.entrypoints.cli.sessions import reading_session, writing_session
from usage_ledger.settings import Settings, load_settings
from usage_ledger_views.repairing.repair import CauseRemains, NotBlocked, Repaired
from usage_ledger_views.repairing.repair import repair as repair_stream
from usage_ledger_views.views import VIEWS


@click.command()
@click.argument("stream")
@json_option
def repair(stream: str, as_json: bool) -> None:
    """Bring a blocked STREAM up to date from the event store and let it go on.

    `GET /v1/blocked-streams` lists them. Projectors need not stop. History is read with the reader's connection, views
    are written with the projector's. Exit code 1: the stream cannot be folded from the store either, and nothing was
    changed. Exit code 2: it is not blocked.
    """
    try:
        repaired = _repair(load_settings(), stream)
    except NotBlocked as error:
        raise click.ClickException(f"{stream} is not blocked: there is nothing to repair") from error
    except CauseRemains as remains:
        _say(f"{stream} stays blocked, the cause remains: {remains}", as_json=as_json)
        if as_json:
            print_json({"repaired": False, "stream": stream, "reason": remains.reason, "detail": str(remains)})
        raise AnswerIsNo from remains
    _show(repaired, as_json=as_json)


def _repair(settings: Settings, stream: str) -> Repaired:
    reader = settings.postgres_reader_dsn.get_secret_value()
    projector = settings.postgres_projector_dsn.get_secret_value()
    # What the store has at or below a position that the views reached is committed, so a second connection sees it.
    with reading_session(reader) as store, writing_session(projector) as views:
        return repair_stream(views, VIEWS, DeliveredHistory(store), stream)


def _show(repaired: Repaired, *, as_json: bool) -> None:
    for folded in repaired.folded:
        _say(f"{folded.stream_id}: version {folded.from_version} -> {folded.to_version}", as_json=as_json)
    _say(f"{repaired.stream_id} goes on; shard {repaired.shard} is at position {repaired.position}", as_json=as_json)
    if as_json:
        print_json(
            {
                "repaired": True,
                "stream": repaired.stream_id,
                "position": f"{repaired.shard}-{repaired.position}",
                "folded": [
                    {"stream": each.stream_id, "from_version": each.from_version, "to_version": each.to_version}
                    for each in repaired.folded
                ],
            }
        )


def _say(text: str, *, as_json: bool) -> None:
    click.echo(text, err=as_json)
