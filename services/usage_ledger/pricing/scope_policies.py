"""The policy stream of one account, or of all: what is set for each model pattern."""

from __future__ import annotations

import msgspec

from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.recorded_event import EventPayload


class ScopePolicies(msgspec.Struct):
    """State of one policy stream; what holds for an account and a model is looked up in ``Policies``."""

    version: int = 0
    of_all_models: PricingPolicySet | None = None
    by_model: dict[str, PricingPolicySet] = {}

    def of(self, model: str | None) -> PricingPolicySet | None:
        return self.of_all_models if model is None else self.by_model.get(model)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        if not isinstance(payload, PricingPolicySet):
            return
        if payload.model is None:
            self.of_all_models = payload
        else:
            self.by_model[payload.model] = payload

    def snapshot(self) -> bytes:
        """The whole state as bytes; ``restore`` gives it back exactly."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @classmethod
    def restore(cls, state: bytes, version: int) -> ScopePolicies:
        policies = msgspec.msgpack.decode(state, type=cls)
        policies.version = version
        return policies
