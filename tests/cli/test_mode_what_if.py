"""`mode what-if` believes no answer that breaks off: its last line says that it is whole."""

from __future__ import annotations

import pytest

from usage_ledger.entrypoints.cli.mode_what_if import _followed
from usage_ledger.unreachable import DependencyUnreachable

PROGRESS = {"kind": "progress", "workspaces": 1, "expected": 2, "flips": 0}


@pytest.mark.parametrize("last", [[], [{"kind": "problem", "code": "ledger_unavailable", "detail": "gone"}]])
def test_an_answer_that_ends_early_is_no_answer(last):
    with pytest.raises(DependencyUnreachable):
        _followed([PROGRESS, *last], None)


def test_an_answer_with_its_last_line_is_whole():
    assert _followed([PROGRESS, {"kind": "answer", "flips_total": 0}], None) == {
        "flips_total": 0,
        "flips": [],
        "truncated": False,
    }
