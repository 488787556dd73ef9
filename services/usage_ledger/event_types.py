"""Every event there is, by its stable name."""

from __future__ import annotations

from usage_ledger.accounts.adjustments.events import BalanceAdjusted, OverdraftWrittenOff
from usage_ledger.accounts.bill_to.events import BillToAuthorized, BillToRevoked
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.events import (
    CreditsExpired,
    CreditsRolledOver,
    GrantScheduled,
    PaymentFailureReported,
)
from usage_ledger.accounts.dividends.events import DividendCompleted, DividendDeclared
from usage_ledger.accounts.entries.events import EntryPosted
from usage_ledger.accounts.events import (
    AccountOpened,
    CreditsGranted,
    PurchaseRecorded,
    SuspendedUsageRated,
    UsageRecorded,
)
from usage_ledger.accounts.fees.events import FeeCharged
from usage_ledger.accounts.holds.events import HoldExpired, HoldPlaced, HoldReleased, HoldSettled
from usage_ledger.accounts.lifecycle.events import (
    AccountClosed,
    AccountResumed,
    AccountSuspended,
    CreditLimitSet,
    OverdraftLimitSet,
)
from usage_ledger.accounts.limits.events import (
    AutoTopupCompleted,
    AutoTopupConfigured,
    AutoTopupDisabled,
    AutoTopupFailed,
    AutoTopupLeaseExpired,
    AutoTopupTriggered,
    BudgetRemoved,
    BudgetSet,
    BudgetThresholdCrossed,
    CreditsExhausted,
)
from usage_ledger.accounts.rate_limits.events import RateLimitSet
from usage_ledger.accounts.refunds.events import DisputeLost, DisputeOpened, DisputeWon, PurchaseRefunded
from usage_ledger.accounts.transfers.events import CreditsTransferredIn, CreditsTransferredOut
from usage_ledger.closing.events import MonthClosed
from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.governance.events import GovernanceTookEffect, PolicyActivated, RegistryPublished
from usage_ledger.keys.events import ServiceKeyIssued, ServiceKeyRevoked, ServiceKeyRotated
from usage_ledger.pricing.events import ModelMapped, PriceVersionPublished, PriceVersionWithdrawn
from usage_ledger.pricing.import_events import PriceImported, PriceParked
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refused import CommandRefused
from usage_ledger.usage.events import (
    PayerAssigned,
    QuarantinedDiscarded,
    UsageConflictNoted,
    UsageQuarantined,
    WaitingUsageJudged,
)
from usage_ledger.workspaces.events import (
    BillingModeResolved,
    BillingOverrideCleared,
    BillingOverrideSet,
    CredentialNameAdded,
    CredentialNameRemoved,
    CredentialWriteRejected,
    ModelCleared,
    ModelSelected,
    OrgDefaultCleared,
    OrgDefaultSet,
    PayerPinned,
    ProvisionDecided,
    ProvisionRefused,
    RuntimeChanged,
    WorkspaceRegistered,
)

EVENT_TYPES: dict[str, type[EventPayload]] = {
    payload_type.__name__: payload_type
    for payload_type in (
        AccountOpened,
        PurchaseRecorded,
        CreditsGranted,
        PaymentFailureReported,
        GrantScheduled,
        CreditsExpired,
        CreditsRolledOver,
        EntryPosted,
        DividendDeclared,
        DividendCompleted,
        UsageRecorded,
        SuspendedUsageRated,
        UsageCorrected,
        CreditsExhausted,
        FeeCharged,
        PurchaseRefunded,
        DisputeOpened,
        DisputeWon,
        DisputeLost,
        BalanceAdjusted,
        OverdraftWrittenOff,
        CreditsTransferredOut,
        CreditsTransferredIn,
        AccountSuspended,
        AccountResumed,
        AccountClosed,
        OverdraftLimitSet,
        CreditLimitSet,
        BudgetSet,
        BudgetRemoved,
        BudgetThresholdCrossed,
        AutoTopupCompleted,
        AutoTopupConfigured,
        AutoTopupDisabled,
        AutoTopupFailed,
        AutoTopupLeaseExpired,
        AutoTopupTriggered,
        HoldPlaced,
        HoldSettled,
        HoldReleased,
        HoldExpired,
        BillToAuthorized,
        BillToRevoked,
        RateLimitSet,
        UsageQuarantined,
        UsageConflictNoted,
        WaitingUsageJudged,
        PayerAssigned,
        QuarantinedDiscarded,
        PriceVersionPublished,
        PriceVersionWithdrawn,
        ModelMapped,
        PriceImported,
        PriceParked,
        PricingPolicySet,
        WorkspaceRegistered,
        ModelSelected,
        ModelCleared,
        BillingOverrideSet,
        BillingOverrideCleared,
        RuntimeChanged,
        CredentialNameAdded,
        CredentialNameRemoved,
        CredentialWriteRejected,
        ProvisionDecided,
        ProvisionRefused,
        BillingModeResolved,
        OrgDefaultSet,
        OrgDefaultCleared,
        PolicyActivated,
        RegistryPublished,
        GovernanceTookEffect,
        PayerPinned,
        MonthClosed,
        ProxyWired,
        ProxyUnwired,
        ServiceKeyIssued,
        ServiceKeyRotated,
        ServiceKeyRevoked,
        CommandRefused,
    )
}
