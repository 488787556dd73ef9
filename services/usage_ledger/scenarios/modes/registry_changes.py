"""A file of dated registry changes, and whether each moves the payers that it says, around the packaged version."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import msgspec

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.scenarios.difference import Difference, Unexpected, expect
from usage_ledger.scenarios.reading.misfit import Misfit
from usage_ledger.workspaces.registry.changes import ChangeDoesNotFit, Operation, backwards, forwards
from usage_ledger.workspaces.registry.content import RegistryContent
from usage_ledger.workspaces.registry.defects import defects_of
from usage_ledger.workspaces.registry.derivation import derive
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.inputs import Credentials, model_input, runtime_input

FORMAT = "registry-changes/1"


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An id whose provider a change moves; None: it is derivable no more, or was not yet."""

    runtime: str
    model: str
    before: str | None
    after: str | None


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_version": "from"}):
    """From one version to the next."""

    from_version: str
    to: str
    effective_from: str
    summary: str
    operations: tuple[Operation, ...]
    moves: tuple[Move, ...]


class ChangeCase(msgspec.Struct, frozen=True):
    """A change between the two versions that it lies between."""

    case_id: str
    title: str
    before: RegistryContent
    after: RegistryContent
    moves: tuple[Move, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["registry-changes/1"]
    anchor: str
    changes: tuple[Change, ...]


def read_changes(text: str) -> list[ChangeCase]:
    """In the order of the file. Raises Misfit."""
    try:
        file = msgspec.json.decode(text, type=_File)
        return _around(packaged_content(), file)
    except (msgspec.DecodeError, ChangeDoesNotFit) as error:
        raise Misfit(1, str(error)) from None


def judge_change(case: ChangeCase) -> Difference | None:
    """Both versions can be published, and every id moves as the change says."""
    try:
        for content in (case.before, case.after):
            expect(f"defects of {content.version}", [], [defect.code for defect in defects_of(content)])
        for move in case.moves:
            place = f"{move.runtime} {move.model}"
            expect(f"{place} before", move.before, _provider(case.before, move))
            expect(f"{place} after", move.after, _provider(case.after, move))
    except Unexpected as unexpected:
        return unexpected.difference
    return None


def _around(anchor: RegistryContent, file: _File) -> list[ChangeCase]:
    """From the anchor back to the first version, and on to the last."""
    if file.anchor != anchor.version:
        raise Misfit(1, f"the anchor is {file.anchor}; the packaged registry is {anchor.version}")
    turn = next(
        (i for i, change in enumerate(file.changes) if change.from_version == anchor.version), len(file.changes)
    )
    contents = [anchor]
    for change in reversed(file.changes[:turn]):
        _require_version(change.to, contents[0])
        contents.insert(0, backwards(contents[0], change.operations, change.from_version))
    for change in file.changes[turn:]:
        _require_version(change.from_version, contents[-1])
        contents.append(forwards(contents[-1], change.operations, change.to))
    return [
        ChangeCase(f"{change.from_version}..{change.to}", change.summary, before, after, change.moves)
        for change, (before, after) in zip(file.changes, pairwise(contents), strict=True)
    ]


def _require_version(named: str, content: RegistryContent) -> None:
    if named != content.version:
        raise Misfit(1, f"a change of version {named} does not follow {content.version}")


def _provider(content: RegistryContent, move: Move) -> str | None:
    registry = make_registry(content)
    return derive(registry, runtime_input(move.runtime), model_input(move.model), Credentials()).provider
