"""Who uses the ledger in a campaign: tenants, their accounts and workspaces, and what the models cost."""

from __future__ import annotations

from typing import NamedTuple

CURRENCY = "USD"
FIRST_CREDIT_NANO = 2_000_000_000
NANO_PER_UNIT = 1_000_000_000
CENT_NANO = 10_000_000


class Model(NamedTuple):
    """Prices are whole nano-units a token, so what a call costs needs no rounding."""

    name: str
    input_nano: int
    output_nano: int

    def charge(self, input_tokens: int, output_tokens: int) -> int:
        return input_tokens * self.input_nano + output_tokens * self.output_nano

    def per_million(self) -> dict[str, str]:
        """As the price list writes it: decimal text for a million tokens."""
        return {"input": _per_million(self.input_nano), "output": _per_million(self.output_nano)}


class Purchase(NamedTuple):
    """``amount`` is nano-units."""

    tenant: str
    payment_ref: str
    account_id: str
    amount: int


class Workspace(NamedTuple):
    tenant: str
    workspace_id: str
    account_id: str


# Of four shards: acme and corp meet at the lock of one, beta and dune at another's, gale at that of the price lists.
TENANTS = ("acme", "corp", "beta", "dune", "gale")
FIRST_MODEL = Model("chaos-large", 3_000, 15_000)


def workspaces() -> list[Workspace]:
    """Three of each tenant; two of them share an account, and so a stream."""
    return [
        Workspace(tenant, f"{tenant}-ws-{number}", account_id(tenant, number % 2))
        for tenant in TENANTS
        for number in range(3)
    ]


def accounts() -> list[tuple[str, str]]:
    """Tenant and account."""
    return [(tenant, account_id(tenant, number)) for tenant in TENANTS for number in range(2)]


def first_purchase(tenant: str, account_id: str) -> Purchase:
    """Little credit: it is soon used up, and then purchases settle debts."""
    return Purchase(tenant, f"first-{account_id}", account_id, FIRST_CREDIT_NANO)


def account_id(tenant: str, number: int) -> str:
    return f"{tenant}-acc-{number}"


def late_workspace(tenant: str, generation: int) -> Workspace:
    """One that uses models before anybody has registered it."""
    return Workspace(tenant, f"{tenant}-late-{generation}", account_id(tenant, 0))


def policy(number: int) -> str:
    """Under each of them whoever chose nothing is paid for by the platform, where a proxy is wired."""
    return ("P5", "P3", "P6", "P4")[number % 4]


def later_model(number: int) -> Model:
    """A model that is called before its price is known, and whose price is published while usage is coming in."""
    return Model(f"chaos-later-{number}", 1_000 + number, 7_000 + 3 * number)


def decimal(nano: int) -> str:
    """Decimal text of an amount in nano-units."""
    whole, part = divmod(nano, NANO_PER_UNIT)
    return f"{whole}.{part:09d}"


def nano(text: str) -> int:
    """Nano-units of decimal text, as the service writes it."""
    whole, _, part = text.partition(".")
    return int(whole) * NANO_PER_UNIT + int(part.ljust(9, "0"))


def _per_million(nano_per_token: int) -> str:
    return decimal(nano_per_token * 1_000_000)
