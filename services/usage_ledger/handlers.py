"""Which function decides which command. A command that is not here cannot be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from usage_ledger.accounts.adjustments.adjusting import adjust_balance
from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.adjustments.writing_off import write_off_overdraft
from usage_ledger.accounts.applying_due_changes import apply_due_changes
from usage_ledger.accounts.bill_to.authorizing import authorize_bill_to, revoke_bill_to
from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.allowing import grant_allowance
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.credits.granting import grant_credits
from usage_ledger.accounts.credits.purchasing import record_purchase, report_payment_failure
from usage_ledger.accounts.dividends.commands import DeclareDividend, PayDividend
from usage_ledger.accounts.dividends.declaring import declare_dividend
from usage_ledger.accounts.dividends.paying import pay_dividend
from usage_ledger.accounts.entries.commands import PostEntry
from usage_ledger.accounts.entries.posting import post_entry
from usage_ledger.accounts.fees.charging import charge_fee
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold, SettleHold
from usage_ledger.accounts.holds.place import place_hold
from usage_ledger.accounts.holds.release import release_hold
from usage_ledger.accounts.holds.settle_hold import settle_hold
from usage_ledger.accounts.lifecycle.commands import (
    CloseAccount,
    ResumeAccount,
    SetCreditLimit,
    SetOverdraftLimit,
    SuspendAccount,
)
from usage_ledger.accounts.lifecycle.limiting import set_credit_limit, set_overdraft_limit
from usage_ledger.accounts.lifecycle.standing_changes import close_account, resume_account, suspend_account
from usage_ledger.accounts.limits.budgets import remove_budget, set_budget
from usage_ledger.accounts.limits.commands import (
    CompleteTopup,
    ConfigureAutoTopup,
    FailTopup,
    RemoveBudget,
    SetBudget,
    SetSpendLimits,
)
from usage_ledger.accounts.limits.spend_limits import set_spend_limits
from usage_ledger.accounts.limits.topups import complete_topup, configure_auto_topup, fail_topup
from usage_ledger.accounts.opening import open_account
from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.accounts.rate_limits.setting import set_rate_limit
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.refunds.disputing import close_dispute, open_dispute
from usage_ledger.accounts.refunds.refunding import refund_purchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.transferring import transfer_credits
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.closing.decide import close_month
from usage_ledger.deciding import Decision
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.deployment.decide import unwire_proxy, wire_proxy
from usage_ledger.governance.activating import activate_policy
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry, TakeGovernanceEffect
from usage_ledger.governance.publishing import publish_registry
from usage_ledger.governance.taking_effect import take_governance_effect
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.decide import issue_service_key, revoke_service_key, rotate_service_key
from usage_ledger.pricing.commands import ImportPrice, MapModel, PublishPrices, SetPricingPolicy, WithdrawPrice
from usage_ledger.pricing.decide import publish_prices
from usage_ledger.pricing.importing import import_price
from usage_ledger.pricing.mapping import map_model
from usage_ledger.pricing.policy_setting import set_pricing_policy
from usage_ledger.pricing.withdrawing import withdraw_price
from usage_ledger.usage.commands import (
    AssignPayer,
    DiscardQuarantined,
    JudgeWaitingUsage,
    RateSuspendedUsage,
    RecordUsage,
)
from usage_ledger.usage.corrections.commands import CorrectUsage, RerateUsage
from usage_ledger.usage.corrections.correcting import correct_usage
from usage_ledger.usage.corrections.rerating import rerate_usage
from usage_ledger.usage.judging import judge_waiting_usage
from usage_ledger.usage.rating_suspended import rate_suspended_usage
from usage_ledger.usage.recording import record_usage
from usage_ledger.usage.releasing import assign_payer, discard_quarantined
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    ClearOrgDefault,
    DecideProvision,
    RegisterWorkspace,
    RemoveCredentialName,
    ResolveBillingModes,
    SelectModel,
    SetOrgDefault,
)
from usage_ledger.workspaces.naming_credentials import add_credential_name, remove_credential_name
from usage_ledger.workspaces.organization_default import clear_org_default, set_org_default
from usage_ledger.workspaces.overriding import change_billing_mode
from usage_ledger.workspaces.provisioning import decide_provision
from usage_ledger.workspaces.registering import register_workspace
from usage_ledger.workspaces.resolving import resolve_billing_modes
from usage_ledger.workspaces.selecting import change_runtime, clear_model, select_model

Handlers = dict[type, Callable[[Any, Decision], msgspec.Struct]]

HANDLERS: Handlers = {
    OpenAccount: open_account,
    RecordPurchase: record_purchase,
    GrantCredits: grant_credits,
    SetBudget: set_budget,
    RemoveBudget: remove_budget,
    SetSpendLimits: set_spend_limits,
    ChargeFee: charge_fee,
    ReportPaymentFailure: report_payment_failure,
    ConfigureAutoTopup: configure_auto_topup,
    CompleteTopup: complete_topup,
    FailTopup: fail_topup,
    RefundPurchase: refund_purchase,
    OpenDispute: open_dispute,
    CloseDispute: close_dispute,
    TransferCredits: transfer_credits,
    AdjustBalance: adjust_balance,
    WriteOffOverdraft: write_off_overdraft,
    PlaceHold: place_hold,
    SettleHold: settle_hold,
    ReleaseHold: release_hold,
    AuthorizeBillTo: authorize_bill_to,
    RevokeBillTo: revoke_bill_to,
    SetRateLimit: set_rate_limit,
    GrantAllowance: grant_allowance,
    PostEntry: post_entry,
    DeclareDividend: declare_dividend,
    PayDividend: pay_dividend,
    SuspendAccount: suspend_account,
    ResumeAccount: resume_account,
    CloseAccount: close_account,
    SetOverdraftLimit: set_overdraft_limit,
    SetCreditLimit: set_credit_limit,
    PublishPrices: publish_prices,
    WithdrawPrice: withdraw_price,
    MapModel: map_model,
    ImportPrice: import_price,
    SetPricingPolicy: set_pricing_policy,
    RegisterWorkspace: register_workspace,
    SelectModel: select_model,
    ClearModel: clear_model,
    ChangeRuntime: change_runtime,
    ChangeBillingMode: change_billing_mode,
    AddCredentialName: add_credential_name,
    RemoveCredentialName: remove_credential_name,
    SetOrgDefault: set_org_default,
    ClearOrgDefault: clear_org_default,
    DecideProvision: decide_provision,
    CloseMonth: close_month,
    WireProxy: wire_proxy,
    UnwireProxy: unwire_proxy,
    PublishRegistry: publish_registry,
    ActivatePolicy: activate_policy,
    IssueServiceKey: issue_service_key,
    RotateServiceKey: rotate_service_key,
    RevokeServiceKey: revoke_service_key,
    RecordUsage: record_usage,
    CorrectUsage: correct_usage,
    RerateUsage: rerate_usage,
    AssignPayer: assign_payer,
    DiscardQuarantined: discard_quarantined,
}
"""What a door may send."""

PROCESS_HANDLERS: Handlers = {
    ApplyDueChanges: apply_due_changes,
    JudgeWaitingUsage: judge_waiting_usage,
    RateSuspendedUsage: rate_suspended_usage,
    ResolveBillingModes: resolve_billing_modes,
    TakeGovernanceEffect: take_governance_effect,
}
"""What only the reactor and the scheduler send, through appenders of their own: no door has these."""
