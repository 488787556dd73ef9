"""THE table from code to HTTP status. Codes are the ledger's; what they mean to an HTTP client is decided only here."""

from __future__ import annotations

from typing import Final

_BY_STATUS: Final[dict[int, tuple[str, ...]]] = {
    401: ("key_missing", "key_invalid", "key_revoked", "key_expired"),
    # Only money or another limit helps.
    402: (
        "credits_exhausted",
        "insufficient_credits",
        "insufficient_transferable",
        "budget_exceeded",
        "bill_to_cap_exceeded",
    ),
    # State or permission.
    403: (
        "key_scope",
        "account_suspended",
        "account_closed",
        "mode_disabled",
        "payer_required",
        "bill_to_not_authorized",
        "not_a_member",
        "role_too_low",
    ),
    404: ("route_not_found",),
    405: ("method_not_allowed",),
    # The state of things is in the way.
    409: (
        "ambiguous_usage_id",
        "already_expired",
        "already_revoked",
        "already_closed",
        "already_decided",
        "already_void",
        "already_withdrawn",
        "alias_cycle",
        "ambiguous_price_version",
        "account_not_settled",
        "credits_not_applicable",
        "hold_not_open",
        "item_refused",
        "payer_not_required",
        "month_not_over",
        "period_over",
        "refund_exceeds_purchase",
        "run_already_decided",
        "too_many_beneficiaries",
        "too_many_budgets",
        "too_many_rate_limits",
        "too_many_reasons",
        "write_off_exceeds_overdraft",
        "byok_on_platform_model",
        "credentials_unreadable",
        "missing_byok_credential",
        "missing_platform_proxy",
        "model_already_selected",
        "model_unreadable",
        "platform_model_blocks_vendor_key",
        "reserved_credential_name",
        "too_many_credential_names",
        "vendor_key_refused",
    ),
    413: ("body_too_large",),
    415: ("unsupported_media_type",),
    # The input itself is wrong.
    422: (
        "amount_not_chargeable",
        "amount_not_positive",
        "amount_out_of_range",
        "amount_too_precise",
        "attribution_invalid",
        "control_account",
        "currency_mismatch",
        "duplicate_recipient",
        "effective_from_in_past",
        "effective_from_too_far",
        "entry_too_short",
        "entry_unbalanced",
        "event_too_large",
        "expires_in_past",
        "foreign_account_line",
        "inconsistent_usage",
        "invalid_amount",
        "invalid_billing_mode",
        "invalid_currency",
        "invalid_id",
        "invalid_json",
        "invalid_limit",
        "invalid_margin",
        "invalid_period",
        "invalid_price",
        "invalid_quantity",
        "invalid_registry",
        "invalid_rollover",
        "invalid_scope",
        "invalid_tier",
        "invalid_value",
        "invalid_zone",
        "margin_below_cost",
        "missing_field",
        "missing_idempotency_key",
        "missing_reason",
        "occurred_in_future",
        "outside_late_window",
        "raw_usage_too_large",
        "price_absurd",
        "price_hole",
        "price_overlap",
        "too_many_items",
        "too_many_lines",
        "unknown_account_code",
        "unknown_field",
        "unknown_grant_kind",
        "unknown_policy",
        "unknown_unit",
        "unpriced_model",
        "volume_by_period",
        "wrong_shard",
        "wrong_type",
        "ambiguous_model",
        "credential_value_not_accepted",
        "missing_fingerprint",
        "model_required",
        "runtime_unsupported",
        "unregistered_model_for_runtime",
    ),
    429: ("rate_limited", "circuit_open"),
    500: ("internal_error",),
    503: ("overloaded", "ledger_unavailable"),
}

STATUS_BY_CODE: Final[dict[str, int]] = {code: status for status, codes in _BY_STATUS.items() for code in codes}

_STATUS_BY_ENDING: Final = {"_not_found": 404, "_exists": 409, "_conflict": 409}


def status_of(code: str) -> int:
    """The status of a refusal. A code without a row or a telling ending is a refusal by the state of things: 409."""
    listed = STATUS_BY_CODE.get(code)
    if listed is not None:
        return listed
    return next((status for ending, status in _STATUS_BY_ENDING.items() if code.endswith(ending)), 409)


def status_of_invalid(code: str) -> int:
    """The status of input that is wrong in itself; only its size and its media type are not 422."""
    return STATUS_BY_CODE.get(code, 422)
