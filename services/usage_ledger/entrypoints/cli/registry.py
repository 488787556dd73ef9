"""`usage-ledger registry`: the provider registry that comes with the package, ready to be published."""

from __future__ import annotations

import click
import msgspec

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.entrypoints.cli.output import print_json


@click.group()
def registry() -> None:
    """The provider registry: who serves a model on which runtime."""


@registry.command()
@click.option(
    "--reason", default="the version that comes with the package", show_default=True, help="Why, for the log."
)
def packaged(reason: str) -> None:
    """Print the packaged version as the body of `POST /v1/registries`, on one line."""
    content = packaged_content()
    print_json({"version": content.version, "reason": reason, "content": msgspec.to_builtins(content)})
