"""What an operator wants to see of it, in the order in which they would ask."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from usage_ledger.entrypoints.demo.chart import bar, columns
from usage_ledger.entrypoints.demo.explanation import explanation
from usage_ledger.entrypoints.demo.performance import MODELS, Outcome
from usage_ledger.entrypoints.demo.proofs import Proof, proofs
from usage_ledger.entrypoints.demo.rehearsal import POLICY
from usage_ledger.gateway.tally import percentile
from usage_ledger.money import NANO

_CHART_WIDTH = 57
_CHART_HEIGHT = 5
_BAR_WIDTH = 10


def show(console: Console, outcome: Outcome) -> None:
    """Prints everything."""
    for title, content in _sections(outcome):
        console.print(Text(f"\n{title}", style="bold"))
        console.print(content)


def _sections(outcome: Outcome) -> Iterator[tuple[str, RenderableType]]:
    yield "What was sent", _sent(outcome)
    if outcome.survey.by_minute:
        yield "Tokens over the trace's own time", _over_time(outcome)
    yield "Accounts", _accounts(outcome)
    yield "Workspaces that spent most", _workspaces(outcome)
    yield f"{outcome.scene.protagonist} changes its billing mode, half-way and back", _modes(outcome)
    yield f"What policy {POLICY} would do, asked while that choice held", _rehearsal(outcome)
    yield "A workspace runs into its limit", _limit(outcome)
    yield "Hostile items, in a workspace of their own", _hostile(outcome)
    if outcome.explained is not None:
        yield "The trace's first call, explained", explanation(outcome.explained)
    yield "Proofs: what was sent, and what Postgres' views say", _proofs(proofs(outcome))


def _sent(outcome: Outcome) -> RenderableType:
    tally, survey = outcome.tally, outcome.survey
    p50, p99 = (percentile(tally.ack_ms, percent) for percent in (50, 99))
    alone = percentile(outcome.hostile.tally.ack_ms, 50)
    visible = f"{outcome.visible_s:.2f} s later" if outcome.has_caught_up else "not in time"
    models = ", ".join(model.name for model in MODELS)
    return _pairs(
        ("calls", f"{tally.items:,} in {outcome.seconds:.1f} s, as they would be sent now"),
        ("tokens", f"{survey.input_tokens:,} in, {survey.output_tokens:,} out"),
        ("assigned", f"call n to workspace n mod {len(outcome.scene.workspaces)}, and in turn to {models}"),
        ("acknowledged", f"a batch of 100 in {p50:.0f} ms (p50), {p99:.0f} ms (p99); one item alone in {alone:.0f} ms"),
        ("in the views", f"{visible} than the last answer"),
    )


def _over_time(outcome: Outcome) -> RenderableType:
    lines = columns(outcome.survey.over_time(_CHART_WIDTH), _CHART_HEIGHT)
    first, last = min(outcome.survey.by_minute), max(outcome.survey.by_minute)
    width = max(map(len, lines), default=0)
    axis = f"{first:%H:%M}{f'{last:%H:%M}'.rjust(max(width - 5, 6))}"
    return Text("\n".join(f"  {line}" for line in [*lines, axis]), style="cyan")


def _accounts(outcome: Outcome) -> RenderableType:
    table = _table("account", ">workspaces", ">credit", ">charged", ">balance", "")
    for account in outcome.views.accounts:
        amounts = (account.credited, account.charged, account.posted)
        debt = "in debt" if account.overdraft else ""
        table.add_row(account.account_id, f"{account.workspaces}", *map(_short, amounts), debt)
    return table


def _workspaces(outcome: Outcome) -> RenderableType:
    table = _table("workspace", "mode", "payer", ">calls", ">tokens", ">spend", "")
    highest = max((workspace.charged for workspace in outcome.views.workspaces), default=0)
    for each in outcome.views.workspaces:
        length = bar(each.charged, highest, _BAR_WIDTH)
        counts = (f"{each.items:,}", f"{each.tokens:,}", _short(each.charged))
        table.add_row(each.workspace_id, each.mode, each.payer, *counts, Text(length, style="cyan"))
    return table


def _modes(outcome: Outcome) -> RenderableType:
    table = _table("mode", "paid by", ">calls", ">tokens", ">charged")
    for each in outcome.views.modes:
        payer = each.account_id or "nobody here"
        table.add_row(each.mode, payer, f"{each.items:,}", f"{each.tokens:,}", _short(each.charged))
    changes = [f"  {change.before} → {change.after}, by {change.source}" for change in outcome.changes]
    return Group(table, Text("\n".join(changes), style="dim"))


def _rehearsal(outcome: Outcome) -> RenderableType:
    table = _table("workspace", "mode", "would be")
    for move in outcome.rehearsal.moves:
        table.add_row(*move)
    asked, costly = outcome.rehearsal.workspaces, outcome.rehearsal.platform_cost_starts
    told = f"  {asked:,} workspaces asked; {costly:,} would begin to cost the platform; nothing was changed"
    return Group(table, Text(told, style="dim"))


def _limit(outcome: Outcome) -> RenderableType:
    table = _table("the gateway asks", "answer", "")
    for step in outcome.limit.steps:
        table.add_row(step.asked, Text(step.answered, style="red" if step.answered == "402" else "green"), step.why)
    return table


def _hostile(outcome: Outcome) -> RenderableType:
    return _pairs(*[(name.replace("_", " "), answer) for name, answer in outcome.hostile.answers.items()])


def _proofs(claims: Sequence[Proof]) -> RenderableType:
    table = _table("", "", ">", ">")
    for proof in claims:
        sign = Text("✔", style="green") if proof.holds else Text("✘", style="bold red")
        table.add_row(sign, proof.claim, proof.left, proof.right)
    return table


def _short(nano: int) -> str:
    """Four decimals, cut off, to compare at a glance; the proofs show every digit."""
    whole, part = divmod(abs(nano), NANO)
    return f"{'-' if nano < 0 else ''}{whole:,}.{part * 10_000 // NANO:04}"


def _pairs(*rows: tuple[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in rows:
        table.add_row(f"  {name}", Text(text))
    return table


def _table(*headings: str) -> Table:
    """A heading that begins with > stands above numbers."""
    table = Table(box=None, padding=(0, 0, 0, 2), pad_edge=True, header_style="dim")
    for heading in headings:
        table.add_column(heading.lstrip(">"), justify="right" if heading.startswith(">") else "left", overflow="fold")
    return table
