"""What `usage-ledger up` shows: where everything listens and what to do next."""

from rich.panel import Panel
from rich.table import Table

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


def screen(stack: Stack) -> Panel:
    """The one screen."""
    table = Table.grid(padding=(0, 2))
    for name, text in _rows(stack).items():
        table.add_row(f"[bold]{name}[/bold]", text)
    kept = "removed at the end" if stack.folder.throw_away else "kept"
    return Panel(table, title="usage-ledger is up", subtitle=f"data {kept} · stop with ^C", expand=False)


def _rows(stack: Stack) -> dict[str, str]:
    where, command = places(stack), f"usage-ledger --data {stack.folder.path}"
    return {
        "HTTP": f"{where['url']}   ({where['url']}/openapi.json)",
        "Kafka": f"{where['kafka']}   (SASL user {stack.connections.kafka_username}, password in the settings)",
        "Postgres": f'psql "{where["postgres"]}"',
        "Settings": where["settings"],
        "Logs": where["logs"],
        "First key": f"{command} keys bootstrap",
    }
