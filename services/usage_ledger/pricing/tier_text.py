"""Tiers and packages from text, refused where they leave a quantity without a price or give it two (P5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from usage_ledger.pricing.commands import StepText, TierText
from usage_ledger.pricing.price_form import PackagePrice, TieredPrice, TierStep
from usage_ledger.pricing.price_numbers import PriceNumbers, require_bucket
from usage_ledger.refusals import InvalidInput


def read_tiers(
    texts: Iterable[TierText], numbers: PriceNumbers
) -> tuple[tuple[TieredPrice, ...], tuple[PackagePrice, ...]]:
    """The tiers and the packages. Raises ``InvalidInput``, with a pointer into ``/price/tiers``.

    ``price_overlap`` when a bucket comes twice, when steps do not rise, or when an open step is not the last;
    ``price_hole`` when the last step is not open; ``volume_by_period``; ``invalid_price`` for what is neither steps of
    a mode nor packages; the codes of ``PriceNumbers``.
    """
    tiers: list[TieredPrice] = []
    packages: list[PackagePrice] = []
    buckets: set[str] = set()
    for index, text in enumerate(texts):
        pointer = f"/price/tiers/{index}"
        require_bucket(text.bucket, f"{pointer}/bucket")
        if text.bucket in buckets:
            raise InvalidInput("price_overlap", "a bucket has one price", f"{pointer}/bucket")
        buckets.add(text.bucket)
        if text.mode is None:
            packages.append(_package(text, numbers, pointer))
        else:
            tiers.append(_tiered(text, numbers, pointer))
    return tuple(tiers), tuple(packages)


def _tiered(text: TierText, numbers: PriceNumbers, pointer: str) -> TieredPrice:
    if text.mode is None or not text.steps or (text.size, text.price, text.free) != (None, None, None):
        raise InvalidInput("invalid_price", "tiers are steps of a mode; packages have a size and a price", pointer)
    if text.mode == "volume" and text.basis == "period":
        raise InvalidInput("volume_by_period", "volume tiers count the request alone", f"{pointer}/basis")
    _require_rising(text.steps, f"{pointer}/steps")
    steps = [_step(step, text.bucket, numbers, f"{pointer}/steps/{index}") for index, step in enumerate(text.steps)]
    return TieredPrice(text.bucket, text.mode, text.basis, tuple(steps))


def _require_rising(steps: Sequence[StepText], pointer: str) -> None:
    """Every quantity has one step: ``up_to`` rises, and the last step, which has none, is open."""
    before = 0
    for index, step in enumerate(steps[:-1]):
        if step.up_to is None or step.up_to <= before:
            raise InvalidInput("price_overlap", "up_to rises, and only the last step is open", f"{pointer}/{index}")
        before = step.up_to
    if steps[-1].up_to is not None:
        raise InvalidInput("price_hole", "the last step is open", f"{pointer}/{len(steps) - 1}")


def _step(step: StepText, bucket: str, numbers: PriceNumbers, pointer: str) -> TierStep:
    if step.flat is None and step.unit is None:
        raise InvalidInput("price_hole", "a step has a flat fee, a price a unit, or both", pointer)
    return TierStep(
        step.up_to,
        0 if step.flat is None else numbers.femto(step.flat, 1, f"{pointer}/flat"),
        0 if step.unit is None else numbers.femto_per_unit(bucket, step.unit, 1, f"{pointer}/unit"),
    )


def _package(text: TierText, numbers: PriceNumbers, pointer: str) -> PackagePrice:
    if text.size is None or text.price is None or text.steps:
        raise InvalidInput("invalid_price", "tiers are steps of a mode; packages have a size and a price", pointer)
    price = numbers.femto(text.price, 1, f"{pointer}/price")
    return PackagePrice(text.bucket, text.size, price, text.free or 0, text.basis)
