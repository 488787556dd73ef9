"""What both commands about governance ask first."""

from __future__ import annotations

from usage_ledger.deciding import Decision
from usage_ledger.governance.governance import Governance
from usage_ledger.refusals import Refusal, VersionConflict
from usage_ledger.streams import governance_stream


def governance_of(reason: str, expected_version: int | None, decision: Decision) -> tuple[Governance, str]:
    """The governance as it stands, and the reason, trimmed. Raises ``Refusal('missing_reason')``, ``VersionConflict``.

    ``expected_version`` is that of the governance stream.
    """
    governance = decision.get(Governance, governance_stream())
    if not (trimmed := reason.strip()):
        raise Refusal("missing_reason", "what judges everybody's mode is not changed without a reason")
    if expected_version is not None and expected_version != governance.version:
        raise VersionConflict(expected_version, governance.version)
    return governance, trimmed
