"""PublishRegistry: a registry version comes into force, now or at its time (billing-mode 2, 4).

A label is taken once. The same content under it again is accepted without an event.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Final

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.governance.deciding import governance_of
from usage_ledger.governance.effective_from import Standing, effective_from_of, standing_of
from usage_ledger.governance.events import RegistryPublished
from usage_ledger.governance.governance import Governance
from usage_ledger.refusals import Refusal
from usage_ledger.streams import governance_stream
from usage_ledger.timeline import format_instant
from usage_ledger.workspaces.registry.content import RegistryContent, canonical_json, digest_of, read_content
from usage_ledger.workspaces.registry.defects import Defect, defects_of

CONTENT_MAX_BYTES: Final = 200_000
"""Of UTF-8, twenty times the packaged version: it travels in one event, and every process keeps it."""

_DEFECTS_TOLD: Final = 50
"""A refusal is an event too; whoever mends these learns of the others."""


class RegistryAnswer(msgspec.Struct, frozen=True):
    """What was published, and which version is in force now. ``effective_from`` is RFC 3339.

    ``governance_version`` is the governance stream's, for ``expected_version``.
    """

    version: str
    digest: str
    effective_from: str
    standing: Standing
    in_force: str | None
    governance_version: int


def publish_registry(command: PublishRegistry, decision: Decision) -> RegistryAnswer:
    """Publish a version: ``missing_reason``, ``version_conflict``, ``invalid_registry``, ``effective_from_in_past``.

    ``version_conflict`` is another expected version, or a label that stands for other content or another time.
    """
    governance, reason = governance_of(command.reason, command.expected_version, decision)
    content = valid_content(command.content, command.version)
    digest = digest_of(content)
    known = governance.published.get(command.version)
    if known is not None:
        _require_same(known, digest, command.effective_from)
        return _answer(known, governance, decision)
    published = RegistryPublished(
        version=command.version,
        digest=digest,
        content=canonical_json(content).decode(),
        effective_from=effective_from_of(command.effective_from, decision),
        reason=reason,
    )
    decision.record(governance_stream(), published)
    return _answer(published, decision.get(Governance, governance_stream()), decision)


def valid_content(text: str, label: str | None) -> RegistryContent:
    """The registry that the JSON text is; ``label`` is the one that it is to stand under, if there is one.

    Raises ``Refusal('invalid_registry')`` with everything that is wrong.
    """
    size = len(text.encode())
    if size > CONTENT_MAX_BYTES:
        raise _invalid({"size": f"{size} bytes, at most {CONTENT_MAX_BYTES}"}, 1)
    try:
        content = read_content(text.encode())
    except msgspec.MsgspecError as error:
        raise _invalid({"malformed": str(error)}, 1) from None
    except RecursionError:
        raise _invalid({"malformed": "nested too deeply"}, 1) from None
    defects = [*_of_label(content, label), *defects_of(content)]
    if defects:
        raise _invalid(_by_code(defects), len(defects))
    return content


def _of_label(content: RegistryContent, label: str | None) -> list[Defect]:
    """Decisions name the content's own label, so it is the one that it is published under."""
    return [] if label in (None, content.version) else [Defect("other_label", content.version)]


def _by_code(defects: list[Defect]) -> dict[str, str]:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for defect in islice(defects, _DEFECTS_TOLD):
        places[defect.code].append(defect.where)
    return {code: ", ".join(where) for code, where in places.items()}


def _invalid(places: dict[str, str], count: int) -> Refusal:
    return Refusal("invalid_registry", "the content is no registry", {"defects": str(count), **places})


def _require_same(known: RegistryPublished, digest: str, effective_from: int | None) -> None:
    facts = {"version": known.version, "digest": known.digest, "effective_from": format_instant(known.effective_from)}
    if known.digest != digest:
        raise Refusal("version_conflict", "the label stands for other content: publish this under another", facts)
    if effective_from not in (None, known.effective_from):
        raise Refusal("version_conflict", "the label is published from another time on", facts)


def _answer(published: RegistryPublished, governance: Governance, decision: Decision) -> RegistryAnswer:
    in_force = governance.registry.at(decision.recorded_at)
    return RegistryAnswer(
        version=published.version,
        digest=published.digest,
        effective_from=format_instant(published.effective_from),
        standing=standing_of(published.effective_from, decision),
        in_force=None if in_force is None else in_force.version,
        governance_version=governance.version,
    )
