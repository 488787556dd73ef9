"""What others could read: connections in the clear beyond this machine, and a settings file that is open to all."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from usage_ledger.diagnosis.finding import Finding, failure, ok, warning
from usage_ledger.settings import SETTINGS_FILE_VARIABLE, Settings

_LOOPBACK: Final = ("127.", "localhost", "[::1]", "::1")


def check_settings_file(environment: Mapping[str, str] = os.environ) -> Finding:
    """The file holds passwords; a settings file that is not there was refused before."""
    file = environment.get(SETTINGS_FILE_VARIABLE)
    if not file:
        return ok("settings file", "none: everything is from the environment")
    mode = stat.S_IMODE(Path(file).stat().st_mode)
    if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        return failure("settings file", f"open to others: mode {mode:o}", f"chmod 600 {file}")
    return ok("settings file", f"mode {mode:o}")


def check_kafka_transport(settings: Settings) -> Finding:
    check, protocol = "kafka transport", settings.kafka_security_protocol
    if protocol.endswith("SSL") or _all_here(settings.kafka_bootstrap_servers.split(",")):
        return ok(check, protocol)
    found, mend = f"{protocol} beyond this machine", "set kafka_security_protocol = SASL_SSL"
    if settings.kafka_password is not None and settings.kafka_sasl_mechanism == "PLAIN":
        return failure(check, f"{found}: the password is sent in the clear", mend)
    return warning(check, found, mend)


def check_http_transport(settings: Settings) -> Finding:
    check = "http transport"
    open_to = [host for host in (settings.http_host, settings.metrics_host) if not _all_here([host])]
    if not open_to:
        return ok(check, "loopback only")
    mend = "put a proxy with TLS in front, and let nobody else reach the port: keys travel in the clear"
    return warning(check, f"listens on {', '.join(dict.fromkeys(open_to))} without TLS", mend)


def check_postgres_transport(role: str, session: Connection[Any]) -> Finding:
    info = session.info
    check = f"transport {role}"
    here = info.host.startswith("/") or _all_here([info.host])
    return judge_postgres_transport(check, role, here=here, encrypted=session.pgconn.ssl_in_use)


def judge_postgres_transport(check: str, role: str, *, here: bool, encrypted: bool) -> Finding:
    if encrypted or here:
        return ok(check, "encrypted" if encrypted else "does not leave this machine")
    return warning(check, "in the clear beyond this machine", f"sslmode=verify-full in postgres_{role}_dsn")


def _all_here(hosts: list[str]) -> bool:
    return all(host.strip().startswith(_LOOPBACK) for host in hosts)
