"""`usage-ledger …`: one module a command, imported only when the command is used."""

import sys
from pathlib import Path

import click

from usage_ledger.entrypoints.cli.exits import EXIT_CODES, run
from usage_ledger.entrypoints.cli.lazy import Command, LazyGroup
from usage_ledger.entrypoints.cli.running_stack import use_stack_in

_HERE = "usage_ledger.entrypoints.cli"

COMMANDS = {
    "up": Command(f"{_HERE}.up:up", "Run Postgres, Kafka and every process here until interrupted."),
    "demo": Command(f"{_HERE}.demo:demo", "Publish a trace through a throw-away stack and prove the totals."),
    "serve": Command(f"{_HERE}.serve:serve", "Take commands over HTTP and append their events."),
    "relay": Command(f"{_HERE}.relay:relay", "Publish the events of the store to Kafka."),
    "reactor": Command(f"{_HERE}.reactor:reactor", "Book what waited and rate what had no price when a fact arrives."),
    "scheduler": Command(f"{_HERE}.scheduler:scheduler", "Do what is due at its time to accounts nobody asks for."),
    "projector": Command(f"{_HERE}.projector:projector", "Fold the events on Kafka into the views."),
    "migrate": Command(f"{_HERE}.migrate:migrate", "Bring Postgres and Kafka to what this version needs."),
    "doctor": Command(f"{_HERE}.doctor:doctor", "Say what is missing, unreachable or unsafe, and how to mend it."),
    "keys": Command(f"{_HERE}.keys:keys", "Issue, rotate and revoke service keys; the first one too."),
    "registry": Command(f"{_HERE}.registry:registry", "Print the packaged provider registry, ready to be published."),
    "replay": Command(f"{_HERE}.replay:replay", "Fold history again: compare it with the views, or show the past."),
    "repair": Command(f"{_HERE}.repair:repair", "Bring a blocked stream up to date from the event store."),
    "scenario": Command(f"{_HERE}.scenario:scenario", "Rehearse given/when/then files under a virtual clock."),
    "publish": Command(f"{_HERE}.publish:publish", "Send a trace or usage items to a running service."),
    "balance": Command(f"{_HERE}.balance:balance", "Show what an account has."),
    "statement": Command(f"{_HERE}.statement:statement", "Show what moved an account's balance."),
    "holds": Command(f"{_HERE}.holds:holds", "Show credit that is reserved for calls."),
    "budgets": Command(f"{_HERE}.budgets:budgets", "Show what an account may still spend."),
    "mode": Command(f"{_HERE}.mode:mode", "Say who pays for a workspace, and why; and what would change it."),
    "bench": Command(f"{_HERE}.bench:bench", "Measure this machine: the whole way, and what it is compared with."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS, epilog=EXIT_CODES)
@click.version_option(package_name="usage-ledger")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Talk to the stack that `up --data` runs in this folder, instead of the one that the settings name.",
)
def cli(data: Path | None) -> None:
    """An event-sourced usage ledger for AI gateways."""
    if data is not None:
        use_stack_in(data)


def main() -> None:
    """The console script: runs one command and leaves with its exit code."""
    sys.exit(run(cli, sys.argv[1:]))
