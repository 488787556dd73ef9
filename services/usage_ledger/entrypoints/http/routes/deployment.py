"""Facts of the whole deployment: the proxy, and prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.deployment.decide import DeploymentAnswer
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.pricing.commands import PublishPrices
from usage_ledger.pricing.decide import PricesPublished


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
        deployment_wide=True,
    ),
    Write(
        "POST",
        "/v1/prices",
        "Publish a price version",
        (PublishPrices,),
        body_of(PublishPrices, instants=("effective_from", "effective_to")),
        command_from_body(PublishPrices),
        PricesPublished,
        201,
        ("account_not_found", "price_version_exists", "invalid_price", "unknown_unit", "missing_reason"),
        deployment_wide=True,
    ),
)
