"""What `usage-ledger up` shows: where everything listens and what to do next."""

from rich.console import Console

from usage_ledger.embedded.stack import Stack


def places(stack: Stack) -> dict[str, str]:
    """Where everything is. No password: those are in the settings file only."""
    where = stack.connections
    return {
        "url": where.url,
        "kafka": where.kafka_bootstrap_servers,
        "postgres": where.postgres_owner_dsn,
        "data": str(stack.folder.path),
        "settings": str(stack.folder.settings_file),
        "logs": str(stack.folder.logs),
    }


def show(stack: Stack, console: Console) -> None:
    """The one screen. Its lines are never broken, so that each can be copied into a shell."""
    kept = "removed at the end" if stack.folder.throw_away else "kept"
    console.print(f"\n[bold]usage-ledger is up[/bold]   data {kept}, stop with ^C\n")
    for name, text in _rows(stack).items():
        console.print(f"  {name:<11}{text}", soft_wrap=True, highlight=False, markup=False)
    console.print()


def _rows(stack: Stack) -> dict[str, str]:
    where, command = places(stack), f"usage-ledger --data {stack.folder.path}"
    return {
        "HTTP": f"{where['url']}   described by {where['url']}/openapi.json",
        "Kafka": f"{where['kafka']}   SASL user {stack.connections.kafka_username}, password in the settings",
        "Postgres": f'psql "{where["postgres"]}"',
        "Settings": where["settings"],
        "Logs": where["logs"],
        "First key": f"{command} keys bootstrap",
    }
