"""Buckets whose price depends on how much there is: tiers and packages, made ready once for every line (P5).

``total`` is the exact price of a quantity, femto-units, and rises with it. A line of a period costs what the total
rises by: ``total(before + quantity) - total(before)``.
"""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from usage_ledger.pricing.price_form import PackagePrice, PriceForm, TieredPrice


class StepPrices(msgspec.Struct, frozen=True):
    """Graduated or volume tiers, by step: where it begins, what is summed by then, and what a unit costs.

    Units count beyond ``counted_from``: the step's beginning where it is graduated, zero where it is by volume.
    """

    bucket: str
    by_period: bool
    begins: tuple[int, ...]
    sums: tuple[int, ...]
    counted_from: tuple[int, ...]
    femto_per_unit: tuple[int, ...]

    def step(self, quantity: int) -> int | None:
        """Index of the step that the quantity reaches: ``up_to`` is inclusive. None for no quantity."""
        return bisect_left(self.begins, quantity) - 1 if quantity > 0 else None

    def total(self, quantity: int) -> int:
        if quantity <= 0:
            return 0
        step = bisect_left(self.begins, quantity) - 1
        return self.sums[step] + (quantity - self.counted_from[step]) * self.femto_per_unit[step]


class PackagePrices(msgspec.Struct, frozen=True):
    """Packages of ``size`` units after ``free`` ones; one that is begun is paid."""

    bucket: str
    by_period: bool
    size: int
    femto_per_package: int
    free: int

    def step(self, quantity: int) -> None:
        """None: a package has no steps."""

    def total(self, quantity: int) -> int:
        return -(-max(0, quantity - self.free) // self.size) * self.femto_per_package


BucketPrices = StepPrices | PackagePrices


def bucket_prices(form: PriceForm) -> tuple[BucketPrices, ...]:
    """Every bucket of the form that is priced by tiers or packages."""
    return (*[_steps(tiers) for tiers in form.tiers], *[_packages(packages) for packages in form.packages])


def _steps(tiers: TieredPrice) -> StepPrices:
    begins = (0, *[step.up_to for step in tiers.steps if step.up_to is not None])
    units = tuple([step.femto_per_unit for step in tiers.steps])
    flats = [step.flat_femto for step in tiers.steps]
    graduated = tiers.mode == "graduated"
    return StepPrices(
        tiers.bucket,
        tiers.basis == "period",
        begins,
        _graduated_sums(begins, flats, units) if graduated else tuple(flats),
        begins if graduated else (0,) * len(begins),
        units,
    )


def _graduated_sums(begins: tuple[int, ...], flats: list[int], units: tuple[int, ...]) -> tuple[int, ...]:
    """What all steps below cost in full, and the step's own flat fee."""
    sums: list[int] = []
    below = 0
    for step, begin in enumerate(begins):
        sums.append(below + flats[step])
        if step + 1 < len(begins):
            below = sums[-1] + (begins[step + 1] - begin) * units[step]
    return tuple(sums)


def _packages(packages: PackagePrice) -> PackagePrices:
    by_period = packages.basis == "period"
    return PackagePrices(packages.bucket, by_period, packages.size, packages.femto_per_package, packages.free)
