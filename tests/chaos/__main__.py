"""`make chaos`: hurts a ledger under load, from a seed, and looks whether it kept its promises. Exit code 1 if not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chaos.campaign import Campaign, Plan, Result, furnish
from chaos.ledger import Crew, running_ledger_under_test
from chaos.report import as_json, as_table
from chaos.sabotage import GUARDS

# Without a guard the load comes as fast as it can, faults are few, and nobody waits long for what will never come.
_GUARDLESS = {"kills": 12, "most_faults": 1, "patience_s": 25.0, "pause_s": 0.01}


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Decides load and faults; not their timing.")
@click.option("--kills", type=click.IntRange(1), default=100, show_default=True, help="Processes to kill or restart.")
@click.option("--check-every", type=click.IntRange(1), default=1, show_default=True, help="Rounds between checks.")
@click.option("--workers", type=click.IntRange(1, 4), default=2, show_default=True, help="Processes of each kind.")
@click.option("--guard-off", type=click.Choice(sorted(GUARDS)), help="Take this guard away; that must be noticed.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="File for the result as JSON; - is stdout.")
def chaos(seed: int, kills: int, check_every: int, workers: int, guard_off: str | None, json_file: Path | None) -> None:
    """Kill, stop and restart everything under load, and hold the ledger against the client's own record."""
    plan = Plan(seed, kills, check_every)
    if guard_off:
        plan = Plan(seed, check_every=1, **_GUARDLESS)
    with running_ledger_under_test(Crew(workers, workers), GUARDS.get(guard_off or ""), _tell) as ledger:
        _tell("furnishing")
        furnish(ledger)
        result = Campaign(ledger, plan, _tell).run()
    _show(result, json_file)
    sys.exit(bool(result.violations))


def _show(result: Result, json_file: Path | None) -> None:
    print(as_table(result))
    if json_file == Path("-"):
        print(as_json(result))
    elif json_file:
        json_file.write_text(as_json(result) + "\n")


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    chaos()
