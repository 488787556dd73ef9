"""What an event says of who pays for a line, and for whom it was used (U14)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.usage_details import Attribution, DecisionDetail
from usage_ledger.usage.attempt import RouteKey
from usage_ledger.usage.payment import BILL_TO, Payment, is_platform_fallback

_PLAIN: Final = DecisionDetail()


def payer_decision(key: RouteKey, payment: Payment, account: Account | None) -> PayerDecision:
    """A route that contradicts the decision is flagged, and changes nothing. ``account`` knows who may be named."""
    workspace_id, _, _, credential, capability, _, run_id, attribution, _ = key
    decided = "byok" if payment.is_own_key else "platform"
    return PayerDecision(
        workspace_id,
        payment.mode,
        payment.mode_source,
        payment.policy,
        payment.registry_version,
        payment.payer,
        payment.payer_reason,
        credential or "UNKNOWN",
        credential is not None and credential != decided,
        capability,
        _detail(run_id, attribution, account) if run_id or attribution else None,
    )


def admitted_decision(key: RouteKey, admitted: PayerDecision, account: Account | None) -> PayerDecision:
    """The decision of the hold that usage names, with what only the usage itself can say."""
    _, _, _, credential, capability, _, run_id, attribution, _ = key
    decided = "byok" if admitted.mode == "byok" and not is_platform_fallback(key) else "platform"
    was = admitted.detail or _PLAIN
    detail = replace(was, run_id=run_id or was.run_id)
    if attribution is not None:
        detail = replace(_detail(detail.run_id, attribution, account), used_by=was.used_by)
    return replace(
        admitted,
        credential=credential or "UNKNOWN",
        route_mismatch=credential is not None and credential != decided,
        capability=capability,
        detail=None if detail == _PLAIN else detail,
    )


def billed_to(own: PayerDecision, payer: str) -> PayerDecision:
    """Another account pays, as it allowed, for the usage of the one that would have (U15)."""
    detail = replace(own.detail or DecisionDetail(), used_by=own.payer)
    return replace(own, payer=payer, payer_reason=BILL_TO, detail=detail)


def bill_to_rejected(own: PayerDecision, named: str) -> PayerDecision:
    """The account that was named to pay did not allow it, or not so much: the caller's own pays (U15)."""
    return replace(own, detail=replace(own.detail or DecisionDetail(), bill_to_rejected=named))


def is_known(attribution: Attribution, account: Account) -> bool:
    """Whether the account's tenant has this user and this workspace. An account that lists none knows all (U14)."""
    members, workspaces = account.members, account.workspaces
    return (attribution.user is None or members is None or attribution.user in members) and (
        attribution.workspace is None or workspaces is None or attribution.workspace in workspaces
    )


def _detail(run_id: str | None, attribution: Attribution | None, account: Account | None) -> DecisionDetail:
    """Who is unknown is not counted: the line is kept unattributed, beside what was said."""
    if attribution is None or account is None or is_known(attribution, account):
        return DecisionDetail(attribution=attribution, run_id=run_id)
    return DecisionDetail(attribution_rejected=attribution, run_id=run_id)
