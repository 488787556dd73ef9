"""What a campaign has to say at its end: a table for people, one JSON object for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from chaos.campaign import Result

SHOWN = 10


def as_table(result: Result) -> str:
    return "\n".join((*_figures(result), "", *_faults(result), "", *_violations(result)))


def as_json(result: Result) -> str:
    found = Counter(violation.promise for violation in result.violations)
    return json.dumps(
        {
            "seed": result.plan.seed,
            "kills": result.kills,
            "faults": dict(sorted(result.faults.items())),
            "rounds": result.rounds,
            "checks": result.checks,
            "replays": result.replays,
            "seconds": round(result.seconds, 1),
            "slowest_quiet_s": round(result.slowest_quiet_s, 1),
            **result.figures,
            "unexpected_exits": result.unexpected_exits,
            "violations": len(result.violations),
            "violations_by_promise": dict(found),
            "evidence": [violation._asdict() for violation in result.violations[:SHOWN]],
        }
    )


def _figures(result: Result) -> Iterator[str]:
    yield f"{'seed':28}{result.plan.seed:>12}"
    rows = {"kills": result.kills, "faults": result.faults.total(), "rounds": result.rounds}
    rows |= {"checks": result.checks, "replays": result.replays}
    for name, number in {**rows, **result.figures}.items():
        yield f"{name.replace('_', ' '):28}{number:>12,}"
    yield f"{'slowest quiet, s':28}{result.slowest_quiet_s:>12.1f}"
    yield f"{'seconds':28}{result.seconds:>12.1f}"
    for name, codes in result.unexpected_exits.items():
        yield f"{name} ended by itself with {codes}"


def _faults(result: Result) -> Iterator[str]:
    for name, times in sorted(result.faults.items()):
        yield f"{name:40}{times:>4}"


def _violations(result: Result) -> Iterator[str]:
    yield f"{len(result.violations)} violations"
    for promise, times in Counter(violation.promise for violation in result.violations).items():
        yield f"  NOT TRUE {times:>5} times: {promise}"
        evidence = [violation.evidence for violation in result.violations if violation.promise == promise]
        yield from (f"    {each}" for each in evidence[:SHOWN])
