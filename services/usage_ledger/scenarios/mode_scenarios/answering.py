"""What a step came to, in the words of its table: the command's result, what the resolver answers then, and a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from usage_ledger.recorded_event import EventPayload
from usage_ledger.refused import CommandRefused
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.result import Result
from usage_ledger.scenarios.worlds.world import BilledAs
from usage_ledger.workspaces.events import CredentialWriteRejected, ProvisionDecided, ProvisionRefused
from usage_ledger.workspaces.mode_at import Judged, judged_at
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt

Told = Mapping[str, str]

_NONE: Final = "none"
_NOT_APPLICABLE: Final = "not_applicable"
_UNKNOWN: Final = "unknown"
_OF_NOBODY: Final = {"model_after": _NONE, **dict.fromkeys(("mode", "source", "provider"), _NOT_APPLICABLE)}
_OF_GUARD: Final = {"platform_model_blocks_vendor_key": "VENDOR_KEY_REFUSED"}
"""The wire has a code of its own for the commonest rule of the guard; a table has one code and the rule."""

_OF_REFUSALS: Final = (CommandRefused, CredentialWriteRejected)


def of_result(result: Result) -> Told:
    """Result, code and rule."""
    code = result.get("code")
    return {
        "result": result["outcome"],
        "code": _NONE if code is None else _code(code),
        "rule": result.get("rule", _NONE),
    }


def stored_by_refused(result: Result, events: Iterable[PastEvent]) -> list[str]:
    """What a refused command recorded beyond its refusal, by type: nothing, if all is well."""
    if result["outcome"] == "accepted":
        return []
    return [type(event.payload).__name__ for event in events if not isinstance(event.payload, _OF_REFUSALS)]


def of_resolver(sources: ModeSources, instant: int, readers: ReadersAt) -> Told:
    """``instant`` is microseconds UTC. Of a workspace that is missing nothing can be asked."""
    if not sources.workspace.version:
        return _OF_NOBODY
    judged = judged_at(sources, instant, readers)
    resolved = judged.resolved
    return {
        "model_after": _model(judged),
        "mode": resolved.mode,
        "source": resolved.source,
        "provider": resolved.provider or _NONE,
    }


def of_view(row: BilledAs | None) -> Told:
    """What a reader sees. A row without a mode is of a workspace of which only another stream has spoken."""
    if row is None or row.mode is None:
        return _OF_NOBODY
    return {
        "model_after": row.model or _NONE,
        "mode": row.mode,
        "source": row.source or _NONE,
        "provider": row.provider or _NONE,
    }


def of_run(events: Iterable[PastEvent]) -> Told:
    """The provision that these events are of, and the answer that it was decided from."""
    run = next((event.payload for event in events if _is_provision(event.payload)), None)
    match run:
        case ProvisionDecided():
            names = " ".join(sorted(run.withheld)) or _NONE
            return {**_basis(run), "provision": run.outcome, "withheld_names": names}
        case ProvisionRefused():
            return {**_basis(run), "provision": _code(run.code), "withheld_names": _NONE}
        case _:
            asked = ("mode", "source", "provider", "provision")
            return {**dict.fromkeys(asked, _NOT_APPLICABLE), "withheld_names": _NONE}


def _is_provision(payload: EventPayload) -> bool:
    return isinstance(payload, ProvisionDecided | ProvisionRefused)


def _basis(run: ProvisionDecided | ProvisionRefused) -> Told:
    return {"mode": run.mode, "source": run.mode_source, "provider": run.provider or _NONE}


def _model(judged: Judged) -> str:
    model = judged.facts.model
    return _UNKNOWN if model.state == "unreadable" else model.value or _NONE


def _code(code: str) -> str:
    return _OF_GUARD.get(code, code.upper())
