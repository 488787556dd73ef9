"""What an operator states about the deployment: the proxy, and which accounting months are closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from usage_ledger.closing.commands import CloseMonth
from usage_ledger.closing.decide import MonthAnswer
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.deployment.decide import DeploymentAnswer
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write


class ProxyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a metered proxy is wired."""

    wired: bool


def proxy_command(body: ProxyBody, _path_ids: Mapping[str, str]) -> WireProxy | UnwireProxy:
    return WireProxy() if body.wired else UnwireProxy()


WRITES: Final = (
    Write(
        "PUT",
        "/v1/deployment/proxy",
        "State whether a metered proxy is wired",
        (WireProxy, UnwireProxy),
        ProxyBody,
        proxy_command,
        DeploymentAnswer,
        200,
        (),
    ),
    Write(
        "POST",
        "/v1/months/{month}/close",
        "Close an accounting month: usage of it that comes later posts to the first open one",
        (CloseMonth,),
        body_of(CloseMonth, without=("month",)),
        command_from_body(CloseMonth),
        MonthAnswer,
        200,
        ("month_not_over", "already_closed"),
        may_be_empty=True,
    ),
)
