"""How the workspaces of one command stand: loaded together, asked once for each span of time that usage falls in.

There may be one item of each of very many workspaces, so what is the same for all of them is found once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Aggregate, Decision
from usage_ledger.streams import account_stream, organization_stream, payer_stream, workspace_stream
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.decided_runs import DecidedRuns
from usage_ledger.usage.route import Hindrance
from usage_ledger.usage.standing import Standing, run_standing_at, standing_at
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.changing import readable_organization
from usage_ledger.workspaces.mode_sources import ModeSources, organization_of
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.payer import Payer
from usage_ledger.workspaces.workspace import Workspace


class Standings:
    """Of the workspaces, and of the runs, that these attempts name."""

    def __init__(self, decision: Decision, attempts: Sequence[Attempt]) -> None:
        self._decision = decision
        self._tenant = decision.tenant
        self._runs = DecidedRuns(decision, attempts)
        self._workspaces: dict[str, tuple[ModeSources, Payer]] = {}
        self._known: dict[str, list[Standing | Hindrance]] = {}
        self._load(list(dict.fromkeys([attempt.workspace_id for attempt in attempts])))

    def of(self, workspace_id: str, occurred_at: int) -> Standing | Hindrance:
        """At the instant (microseconds UTC), whatever the workspace's runs were decided to be."""
        known = self._known.setdefault(workspace_id, [])
        for standing in known:
            if standing.since <= occurred_at < standing.until:
                return standing
        sources, payer = self._workspaces[workspace_id]
        known.append(standing_at(sources, payer, occurred_at, self._decision.fact_readers))
        return known[-1]

    def of_run(self, run_id: str, workspace_id: str, occurred_at: int) -> Standing | Hindrance:
        """By what the run was decided to be, paid by whom the pin of the instant names."""
        sources, payer = self._workspaces[workspace_id]
        return run_standing_at(self.resolution_of_run(run_id, workspace_id), sources.workspace, payer, occurred_at)

    def resolution_of_run(self, run_id: str, workspace_id: str) -> Resolution | None:
        """What the run of this workspace was decided to be; None if it was not."""
        return self._runs.resolution(run_id, workspace_id)

    def _load(self, workspace_ids: list[str]) -> None:
        """A few queries, however many workspaces there are; none when all is at hand."""
        decision, tenant = self._decision, self._tenant
        workspaces = [workspace_stream(tenant, workspace_id) for workspace_id in workspace_ids]
        payers = [payer_stream(tenant, workspace_id) for workspace_id in workspace_ids]
        self._preload(Workspace, workspaces)
        self._preload(Payer, payers)
        found = [decision.get(Workspace, workspace) for workspace in workspaces]
        organizations, facts = self._organizations_of(found), decision.facts
        deployment, governance = facts.deployment, facts.governance
        for workspace_id, workspace, payer in zip(workspace_ids, found, payers, strict=True):
            organization = organizations[workspace.organization_id]
            sources = ModeSources(tenant, workspace_id, workspace, organization, deployment, governance)
            self._workspaces[workspace_id] = sources, decision.get(Payer, payer)
        pinned = {payer.account.latest for _, payer in self._workspaces.values()}
        self._preload(Account, [account_stream(tenant, account_id) for account_id in pinned if account_id])

    def _organizations_of(self, workspaces: Iterable[Workspace]) -> dict[str | None, Organization | None]:
        """By what workspaces call them; None for one that cannot be read."""
        named = {workspace.organization_id: organization_of(self._tenant, workspace) for workspace in workspaces}
        self._preload(Organization, {organization_stream(self._tenant, each) for each in named.values()})
        return {name: readable_organization(each, self._decision) for name, each in named.items()}

    def _preload(self, kind: type[Aggregate], streams: Collection[str]) -> None:
        """A single stream is loaded in as many queries by whoever asks for it: most commands name one workspace."""
        if len(streams) > 1:
            self._decision.preload(kind, streams)
