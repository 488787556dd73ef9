"""Rounds of load, faults, quiet and checks, until enough processes have died, or a promise is broken."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chaos import world
from chaos.checks import Checks
from chaos.faults import Fault, deck, faults_of
from chaos.ledger import LedgerUnderTest
from chaos.load import Load
from chaos.quiet import wait_until_quiet
from chaos.violation import Violation

# New prices and registrations while usage comes in: each is a fact that every appender has to notice.
MODELS_KEPT = 4
_GAPS_S = (0.0, 0.2, 0.7)
# Folding everything once more costs more than the other checks together, and grows with the history.
REPLAY_EVERY = 5
# What Java says after SIGTERM.
_JAVA_TERMINATED = 143
# Faults meet a load that is under way, and what they did to it is seen before it rests.
_LEAD_S = 0.5


@dataclass(frozen=True)
class Plan:
    """``check_every`` rounds; a round has one to ``most_faults`` faults, which may overlap."""

    seed: int
    kills: int
    check_every: int = 1
    most_faults: int = 3
    patience_s: float = 90.0
    pause_s: float = 0.15


@dataclass
class Result:
    """What a campaign did and found. Times are seconds."""

    plan: Plan
    kills: int = 0
    rounds: int = 0
    checks: int = 0
    replays: int = 0
    seconds: float = 0.0
    slowest_quiet_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter[str])
    figures: dict[str, int] = field(default_factory=dict)
    unexpected_exits: dict[str, list[int]] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


def furnish(ledger: LedgerUnderTest) -> None:
    """A key for the load, accounts with credit, workspaces that they pay for, a price."""
    client = ledger.client(random.Random("furnish"))
    ledger.keys.gateway = client.gateway_key()
    client.wire_proxy()
    client.publish_price(world.FIRST_MODEL)
    for tenant, account_id in world.accounts():
        client.open_account(tenant, account_id)
        client.purchase(world.first_purchase(tenant, account_id))
    for workspace in world.workspaces():
        client.register(workspace)
    client.close()


class Campaign:
    """One ledger, one load, one sequence of faults."""

    def __init__(self, ledger: LedgerUnderTest, plan: Plan, tell: Callable[[str], None]) -> None:
        self.result = Result(plan)
        self._ledger = ledger
        self._plan = plan
        self._tell = tell
        self._chance = random.Random(plan.seed)
        self._faults: Iterator[Fault] = deck(faults_of(ledger), self._chance)
        self._load = Load(ledger, plan.seed, plan.pause_s)
        self._checks = Checks(ledger)
        self._operator = ledger.client(random.Random(f"{plan.seed}/operator"))

    def run(self) -> Result:
        began = time.monotonic()
        try:
            while self.result.kills < self._plan.kills and not self.result.violations:
                self._round()
            if not self.result.violations:
                self._tell("reading everything again from the first event on")
                self._check(Checks(self._ledger), with_replay=True)
        finally:
            self._load.stop()
            self._operator.close()
        self.result.seconds = time.monotonic() - began
        self._sum_up()
        return self.result

    def _round(self) -> None:
        self._load.resume()
        time.sleep(_LEAD_S)
        hurt = self._hurt()
        self._change_the_stage()
        time.sleep(_LEAD_S)
        self.result.rounds += 1
        took_s = self._become_quiet()
        if not self.result.violations and self.result.rounds % self._plan.check_every == 0:
            self._check(self._checks, with_replay=self.result.checks % REPLAY_EVERY == 0)
        events = f"{len(self._ledger.record.items)} items, quiet after {took_s:.1f} s"
        self._tell(f"round {self.result.rounds}, {self.result.kills} kills: {', '.join(hurt)}; {events}")

    def _hurt(self) -> list[str]:
        """Some faults, each begun a little after the one before, whether or not that one is over."""
        faults = [next(self._faults) for _ in range(self._chance.randint(1, self._plan.most_faults))]
        threads = [self._begin(fault) for fault in faults]
        for thread in threads:
            thread.join()
        return [fault.name for fault in faults]

    def _begin(self, fault: Fault) -> threading.Thread:
        time.sleep(self._chance.choice(_GAPS_S))
        chance = random.Random(self._chance.random())
        # Not a daemon: whatever ends the campaign, a process that was paused goes on.
        thread = threading.Thread(target=self._do, args=(fault, chance), name=fault.name)
        thread.start()
        self.result.faults[fault.name] += 1
        self.result.kills += fault.deadly
        return thread

    def _do(self, fault: Fault, chance: random.Random) -> None:
        try:
            fault.do(self._ledger, chance)
        except TimeoutError as error:
            self.result.violations.append(Violation("what died is started again", str(error)))

    def _change_the_stage(self) -> None:
        """Registers who has used models without, and publishes a price; usage of both comes in meanwhile.

        Everybody is judged by another policy and another registry, and is paid for by the platform as before.
        """
        stage = self._load.stage
        for workspace in stage.late():
            self._operator.register(workspace)
        stage.late_generation += 1
        model, stage.early_model = stage.early_model, world.later_model(self.result.rounds + 2)
        self._operator.publish_price(model)
        stage.models = [*stage.models[-MODELS_KEPT:], model]
        self._operator.judge_by(world.policy(self.result.rounds), f"registry-{self.result.rounds}")

    def _become_quiet(self) -> float:
        began = time.monotonic()
        self.result.violations += wait_until_quiet(self._ledger, self._load, self._plan.patience_s)
        took_s = time.monotonic() - began
        self.result.slowest_quiet_s = max(took_s, self.result.slowest_quiet_s)
        return took_s

    def _check(self, checks: Checks, *, with_replay: bool) -> None:
        self.result.checks += 1
        self.result.replays += with_replay
        self.result.violations += checks.violations(with_replay=with_replay)

    def _sum_up(self) -> None:
        record = self._ledger.record
        self.result.figures = {
            "sent": len(record.items),
            "acknowledged": len(record.acknowledged),
            "payments": len(record.paid),
            **dict(sorted(record.counts.items())),
            **self._checks.settled_later(),
            "lost_answers": sum(proxy.lost_answers for proxy in self._ledger.proxies.values()),
        }
        self.result.unexpected_exits = unexpected(self._ledger.exits())


def unexpected(exits: dict[str, list[int]]) -> dict[str, list[int]]:
    """Exits that no signal explains: a process that gave up by itself. The supervisor starts it again."""
    by_itself = {
        name: [code for code in codes if code > 0 and code != _JAVA_TERMINATED] for name, codes in exits.items()
    }
    return {name: codes for name, codes in by_itself.items() if codes}
