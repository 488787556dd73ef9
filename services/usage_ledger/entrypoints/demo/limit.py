"""A workspace runs into its limit: a call may not run, credit is bought, and it may; both calls settle their holds."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from usage_ledger.entrypoints.demo.players import Players
from usage_ledger.entrypoints.demo.price_list import LIST_PRICES
from usage_ledger.entrypoints.demo.scene import LIMITED_PAYER, LIMITED_WORKSPACE, TOP_UP, Scene
from usage_ledger.gateway.service import RequestRefused
from usage_ledger.money import parse_amount

_MODEL: Final = LIST_PRICES[0]
_MOST: Final = {
    "model": _MODEL.model,
    "provider": _MODEL.provider,
    "max_input_tokens": 8_000,
    "max_output_tokens": 2_000,
}
_USED: Final = {"input_tokens": 6_200, "output_tokens": 740}
_ACCOUNT: Final = f"/v1/accounts/{LIMITED_PAYER.account_id}"


class Step(NamedTuple):
    """What was asked, what was answered, and why in the ledger's words."""

    asked: str
    answered: str
    why: str


class LimitOutcome(NamedTuple):
    """Every step; ``charged`` in nano-units; ``position`` is that of the last write."""

    steps: tuple[Step, ...]
    charged: int
    position: str

    @property
    def is_as_expected(self) -> bool:
        """The second call was refused for want of money, and let through once there was some."""
        return [step.answered for step in self.steps] == ["201", "402", "201", "201", "200", "200"]


def run_into_the_limit(players: Players, scene: Scene) -> LimitOutcome:
    """Raises RequestRefused for a refusal that is not about money, DependencyUnreachable."""
    play = _Play(players, scene)
    play.hold("first")
    play.hold("second")
    play.top_up()
    play.hold("third")
    play.settle("first")
    play.settle("third")
    return LimitOutcome(tuple(play.steps), play.charged, play.position)


class _Play:
    """One call after the other, as a gateway and its operator make them."""

    def __init__(self, players: Players, scene: Scene) -> None:
        self._players = players
        self._tenant = scene.tenant
        self.steps: list[Step] = []
        self.charged = 0
        self.position = ""

    def hold(self, name: str) -> None:
        body = {
            "hold_id": f"{self._tenant}-{name}",
            "tenant": self._tenant,
            "workspace_id": LIMITED_WORKSPACE,
            "estimate": _MOST,
        }
        self._do(
            f"may the {name} call run?",
            201,
            lambda: self._players.gateway.write("POST", f"{_ACCOUNT}/holds", body),
            lambda answer: f"{answer['held']} held, {answer['available']} left",
        )

    def top_up(self) -> None:
        body = {"amount": TOP_UP, "payment_ref": f"demo/{self._tenant}/top-up"}
        self._do(
            f"buy credit for {TOP_UP}",
            201,
            lambda: self._players.admin.write("POST", f"{_ACCOUNT}/purchases", body),
            lambda answer: f"{answer['available']} left",
        )

    def settle(self, name: str) -> None:
        item = {
            "id": f"{self._tenant}-{name}-call",
            "workspace_id": LIMITED_WORKSPACE,
            "occurred_at": datetime.now(UTC).isoformat(),
            "model": _MODEL.model,
            "provider": _MODEL.provider,
            "usage": _USED,
        }
        path = f"/v1/holds/{self._tenant}-{name}/settle"
        answer = self._do(
            f"the {name} call is over",
            200,
            lambda: self._players.gateway.write("POST", path, {"item": item, "tenant": self._tenant}),
            lambda answer: f"{answer['charged']} charged, {answer['released']} released",
        )
        self.charged += parse_amount(answer["charged"])

    def _do(
        self,
        asked: str,
        status: int,
        call: Callable[[], dict[str, Any]],
        in_words: Callable[[Mapping[str, Any]], str],
    ) -> dict[str, Any]:
        try:
            answer = call()
        except RequestRefused as refused:
            if refused.status != 402:
                raise
            self.steps.append(Step(asked, "402", _in_words(refused)))
            return {}
        self.steps.append(Step(asked, str(status), in_words(answer)))
        self.position = answer["position"]
        return answer


def _in_words(refused: RequestRefused) -> str:
    return f"{refused.code}: {refused.facts['required']} required, {refused.facts['spendable']} spendable"
