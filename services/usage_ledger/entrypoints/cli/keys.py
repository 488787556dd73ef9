"""`usage-ledger keys`: issue, rotate and revoke service keys beside the HTTP door, with the database's own login.

Whoever may append to the store may issue keys; that is how the first admin comes to be, and the way back in when the
last admin key is lost. Every command goes through the appender, so keys made here are events like those made over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final
from uuid import uuid4

import click
import msgspec

from usage_ledger.adapters.postgres.key_register import admin_exists, tenant_of_key
from usage_ledger.adapters.postgres.read_pool import connect_reader
from usage_ledger.appender import LedgerUnavailable
from usage_ledger.bootstrap import build_appender
from usage_ledger.entrypoints.cli.output import json_option, print_json
from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.service_key import NewKey, key_with_new_secret, new_key
from usage_ledger.identifiers import Id
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.scopes import SCOPES
from usage_ledger.recorded_event import Actor
from usage_ledger.refusals import InvalidInput
from usage_ledger.settings import Settings, load_settings
from usage_ledger.streams import PLATFORM
from usage_ledger.submission import Outcome, Submission
from usage_ledger.unreachable import DependencyUnreachable

_SOURCE: Final = "cli"
_BOOTSTRAP: Final = "bootstrap-first-admin"
_OPERATOR: Final = Actor("operator", _SOURCE)


@click.group()
def keys() -> None:
    """Issue, rotate and revoke service keys. A key's secret is shown once and kept nowhere."""


@keys.command()
@json_option
def bootstrap(as_json: bool) -> None:
    """Issue the first admin key, once. Refused when there ever was one."""
    settings = load_settings()
    with connect_reader(settings.postgres_reader_dsn.get_secret_value()) as connection:
        refused = admin_exists(connection)
    if refused:
        raise click.ClickException("an admin key was issued before; `keys issue --scope admin` issues another")
    # The command's id is the same every time, so of two that run at once the ledger takes one.
    _issue(settings, PLATFORM, {"scopes": ["admin"], "source": "admin"}, as_json, command_id=_BOOTSTRAP)


@keys.command()
@click.option("--tenant", required=True, help="Whose key it is; `platform` for admins and gateways.")
@click.option("--source", required=True, help="Who sends under it: the name that its commands and usage carry.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be repeated.")
@click.option("--account", "account_id", help="Restrict it to this account.")
@click.option("--workspace", "workspace_id", help="Restrict it to this workspace.")
@click.option("--for-tenant", "tenants", multiple=True, help="A gateway key: a tenant it may name, or `*`; repeatable.")
@click.option("--capability", "capabilities", multiple=True, help="Holds credit for such calls only; repeatable.")
@click.option("--expires-at", help="RFC 3339 time.")
@json_option
def issue(
    tenant: str,
    as_json: bool,
    expires_at: str | None,
    tenants: Sequence[str],
    capabilities: Sequence[str],
    **fields: object,
) -> None:
    """Issue a key and show its secret, once."""
    fields["capabilities"] = list(capabilities) or None
    wanted = {**fields, "tenants": list(tenants) or None, "expires_at": _micros(expires_at, "--expires-at")}
    _issue(load_settings(), _id(tenant), wanted, as_json, command_id=_new_command_id())


@keys.command()
@click.argument("key_id")
@click.option("--old-valid-until", help="RFC 3339 time until which the old secret goes on; without it, not at all.")
@json_option
def rotate(key_id: str, old_valid_until: str | None, as_json: bool) -> None:
    """Give a key a new secret and show it, once. Doors may take the old one for five seconds more."""
    settings = load_settings()
    until = _micros(old_valid_until, "--old-valid-until")
    tenant = _tenant_of(settings, key_id)
    key = key_with_new_secret(key_id)
    fields = {"key_id": key_id, "secret_hash": key.secret_hash, "old_valid_until": until}
    _show(key, _append(settings, tenant, _command(RotateServiceKey, fields), _new_command_id()), as_json)


@keys.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="Why, for whoever audits it.")
@json_option
def revoke(key_id: str, reason: str, as_json: bool) -> None:
    """Revoke a key. Doors may take it for five seconds more."""
    settings = load_settings()
    tenant = _tenant_of(settings, key_id)
    _append(settings, tenant, _command(RevokeServiceKey, {"key_id": key_id, "reason": reason}), _new_command_id())
    if as_json:
        print_json({"key_id": key_id, "revoked": True})
    else:
        click.echo(f"revoked {key_id}")


def _tenant_of(settings: Settings, key_id: str) -> str:
    with connect_reader(settings.postgres_reader_dsn.get_secret_value()) as connection:
        tenant = tenant_of_key(connection, key_id)
    if tenant is None:
        raise click.ClickException(f"key {key_id} was never issued")
    return tenant


def _issue(settings: Settings, tenant: str, fields: dict[str, object], as_json: bool, command_id: str) -> None:
    key = new_key()
    made = {"key_id": key.key_id, "secret_hash": key.secret_hash, "prefix": key.prefix}
    outcome = _append(settings, tenant, _command(IssueServiceKey, {**fields, **made}), command_id)
    if outcome.replayed:
        raise click.ClickException("the first admin key was issued at this very moment by somebody else")
    _show(key, outcome, as_json)


def _show(key: NewKey, outcome: Outcome, as_json: bool) -> None:
    if as_json:
        position = ",".join(outcome.positions)
        print_json({"key_id": key.key_id, "secret": key.text, "prefix": key.prefix, "position": position})
        return
    click.echo(f"key id  {key.key_id}", err=True)
    click.echo("The secret is shown this once; keep it where secrets are kept:", err=True)
    click.echo(key.text)


def _append(settings: Settings, tenant: str, command: msgspec.Struct, command_id: str) -> Outcome:
    appender = build_appender(settings)
    submission = Submission(
        command=command,
        tenant=tenant,
        source=_SOURCE,
        command_id=command_id,
        actor=_OPERATOR,
        correlation_id=command_id,
        request_hash=blake2b(command_id.encode(), digest_size=16).digest(),
    )
    try:
        (outcome,) = appender.append([submission])
    except LedgerUnavailable as error:
        raise DependencyUnreachable(f"the event store does not answer: {error}") from error
    finally:
        appender.stop()
    if isinstance(outcome, InvalidInput):
        raise click.ClickException(f"{outcome.code}: {outcome.detail}")
    if outcome.outcome == "refused":
        raise click.ClickException(f"{outcome.code}: {outcome.detail}")
    return outcome


def _command(kind: type[msgspec.Struct], fields: Mapping[str, object]) -> msgspec.Struct:
    """The command, checked like one that comes over HTTP. Raises click.ClickException."""
    try:
        return msgspec.convert(fields, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise click.ClickException(str(error)) from error


def _id(text: str) -> str:
    try:
        return msgspec.convert(text, Id)
    except msgspec.ValidationError as error:
        raise click.BadParameter(str(error)) from error


def _micros(text: str | None, option: str) -> int | None:
    try:
        return None if text is None else parse_instant(text, option)
    except InvalidRequest as error:
        raise click.BadParameter(error.detail) from error


def _new_command_id() -> str:
    return f"cli-{uuid4().hex}"
