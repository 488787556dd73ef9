"""THE table from command and read to the scope that a key needs for it. Scope ``admin`` implies every other."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.dividends.commands import DeclareDividend, PayDividend
from usage_ledger.accounts.entries.commands import PostEntry
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold, SettleHold
from usage_ledger.accounts.lifecycle.commands import (
    CloseAccount,
    ResumeAccount,
    SetCreditLimit,
    SetOverdraftLimit,
    SuspendAccount,
)
from usage_ledger.accounts.limits.commands import (
    CompleteTopup,
    ConfigureAutoTopup,
    FailTopup,
    RemoveBudget,
    SetBudget,
    SetSpendLimits,
)
from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy, PublishRegistry
from usage_ledger.keys.commands import IssueServiceKey, RevokeServiceKey, RotateServiceKey
from usage_ledger.keys.scopes import Scope
from usage_ledger.pricing.commands import ImportPrice, MapModel, PublishPrices, SetPricingPolicy, WithdrawPrice
from usage_ledger.usage.commands import AssignPayer, DiscardQuarantined, RecordUsage
from usage_ledger.usage.corrections.commands import CorrectUsage, RerateUsage
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    ClearOrgDefault,
    DecideProvision,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
    SetOrgDefault,
)

Read = Literal[
    "balance",
    "entries",
    "statement",
    "billing_mode",
    "what_if",
    "workspace_billing",
    "mode_history",
    "charge_mismatches",
    "workspaces_of_concern",
    "rejected_key_writes",
    "runs",
    "usage_summary",
    "usage_line",
    "command_of_another_source",
    "dead_letters",
    "blocked_streams",
    "trial_balance",
    "trial_balance_of_all",
    "reconciliation",
    "holds",
    "member_usage",
    "lifetime_spend",
    "budgets",
    "alerts",
    "auto_topup",
    "suspense",
    "quarantine",
    "conflicts",
    "refusals",
    "registries",
    "policies",
]

Action = type[msgspec.Struct] | Read

SCOPES: Final[dict[Action, Scope]] = {
    RecordUsage: "usage",
    # Who says what was consumed may say that it was counted wrong.
    CorrectUsage: "usage",
    RerateUsage: "money",
    OpenAccount: "money",
    RecordPurchase: "money",
    GrantCredits: "money",
    GrantAllowance: "money",
    ReportPaymentFailure: "money",
    DeclareDividend: "money",
    PayDividend: "money",
    PostEntry: "money",
    SuspendAccount: "money",
    ResumeAccount: "money",
    CloseAccount: "money",
    SetOverdraftLimit: "money",
    SetCreditLimit: "money",
    ChargeFee: "money",
    RefundPurchase: "money",
    OpenDispute: "money",
    CloseDispute: "money",
    TransferCredits: "money",
    AdjustBalance: "money",
    WriteOffOverdraft: "money",
    SetBudget: "money",
    RemoveBudget: "money",
    SetSpendLimits: "money",
    ConfigureAutoTopup: "money",
    CompleteTopup: "money",
    FailTopup: "money",
    PlaceHold: "holds",
    SettleHold: "holds",
    AuthorizeBillTo: "money",
    RevokeBillTo: "money",
    SetRateLimit: "money",
    ReleaseHold: "holds",
    RegisterWorkspace: "workspaces",
    SelectModel: "workspaces",
    ClearModel: "workspaces",
    ChangeRuntime: "workspaces",
    ChangeBillingMode: "workspaces",
    AddCredentialName: "workspaces",
    RemoveCredentialName: "workspaces",
    SetOrgDefault: "workspaces",
    ClearOrgDefault: "workspaces",
    DecideProvision: "workspaces",
    CloseMonth: "admin",
    WireProxy: "admin",
    UnwireProxy: "admin",
    PublishRegistry: "admin",
    ActivatePolicy: "admin",
    PublishPrices: "admin",
    WithdrawPrice: "admin",
    MapModel: "admin",
    ImportPrice: "admin",
    SetPricingPolicy: "admin",
    AssignPayer: "admin",
    DiscardQuarantined: "admin",
    IssueServiceKey: "admin",
    RotateServiceKey: "admin",
    RevokeServiceKey: "admin",
    "balance": "read",
    "entries": "read",
    "statement": "read",
    "billing_mode": "read",
    "what_if": "read",
    "workspace_billing": "read",
    "mode_history": "read",
    "charge_mismatches": "read",
    "workspaces_of_concern": "read",
    "rejected_key_writes": "read",
    "runs": "read",
    "usage_summary": "read",
    "usage_line": "read",
    # Its own commands any key may look up: a gateway must learn what became of a lost answer.
    "command_of_another_source": "read",
    # They may be anybody's, and may hold anything.
    "dead_letters": "admin",
    # Why a stream is blocked may tell what is in it, and only operators can repair it.
    "blocked_streams": "admin",
    "trial_balance": "read",
    "trial_balance_of_all": "admin",
    "reconciliation": "read",
    "holds": "read",
    "member_usage": "read",
    "lifetime_spend": "read",
    "budgets": "read",
    "alerts": "read",
    "auto_topup": "read",
    "suspense": "read",
    "quarantine": "read",
    "conflicts": "read",
    "refusals": "read",
    # They name workspaces of every tenant, and judge them all.
    "registries": "admin",
    "policies": "admin",
}
