"""Bytes from anywhere: either a record that encodes to the very same bytes, or the codec's own error. Nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from schemas.golden import GOLDENS, Golden
from usage_ledger_schemas import bodies, codec
from usage_ledger_schemas.dialect import Array, AvroType, Map, Optional, Record
from usage_ledger_schemas.registry import SCHEMAS

Decode = Callable[[bytes, bytes], tuple[str, codec.Decoded]]
FINGERPRINTS = sorted(SCHEMAS.by_fingerprint)
BILLION = b"\x80\x80\x80\x80\x08"


def check(fingerprint: bytes, body: bytes) -> None:
    """The strict door takes only what its version writes; the plain one may take more, and then agrees with it."""
    read = attempt(codec.decode, fingerprint, body)
    canonical = attempt(codec.decode_strict, fingerprint, body)
    assert canonical in (read, None)
    if canonical is not None:
        writer = SCHEMAS.by_fingerprint[fingerprint]
        assert bodies.write(writer, bodies.read(writer, writer, body)) == body


def attempt(decode: Decode, fingerprint: bytes, body: bytes) -> tuple[str, codec.Decoded] | None:
    try:
        return decode(fingerprint, body)
    except codec.UndecodableRecord:
        return None


@given(st.sampled_from(FINGERPRINTS), st.binary(max_size=400))
def test_random_bytes_are_canonical_or_refused(fingerprint: bytes, body: bytes) -> None:
    check(fingerprint, body)


@given(st.sampled_from(GOLDENS), st.data())
def test_altered_examples_are_canonical_or_refused(golden: Golden, data: st.DataObject) -> None:
    body = bytearray(golden.body)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(start + 4, len(body))))
        body[start:end] = data.draw(st.binary(max_size=4) | st.sampled_from([BILLION, b"\xff" * 10, b"\x80"]))

    check(golden.schema.fingerprint, bytes(body))


@given(st.sampled_from(GOLDENS), st.sampled_from(FINGERPRINTS))
def test_an_example_under_another_fingerprint_is_canonical_or_refused(golden: Golden, fingerprint: bytes) -> None:
    check(fingerprint, golden.body)


@given(st.binary(max_size=60))
def test_random_frames_are_taken_apart_or_refused(framed: bytes) -> None:
    try:
        fingerprint, body = codec.unframe(framed)
    except codec.UndecodableRecord:
        return
    assert codec.frame(fingerprint, body) == framed


def test_no_few_bytes_make_a_reader_allocate_much() -> None:
    """At up to 200 places of every example, lengths up to the largest; in a process that may have little memory."""
    program = subprocess.run(
        [sys.executable, "-m", "schemas.huge_lengths"],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert (program.returncode, program.stderr) == (0, "")
    assert int(program.stdout) > 10_000


def test_no_schema_is_deep_enough_to_exhaust_a_stack() -> None:
    assert max(_depth(schema.record) for schema in SCHEMAS.by_fingerprint.values()) < 16


def _depth(type_: AvroType) -> int:
    match type_:
        case Record():
            return 1 + max((_depth(field.type) for field in type_.fields), default=0)
        case Array():
            return 1 + _depth(type_.items)
        case Map():
            return 1 + _depth(type_.values)
        case Optional():
            return 1 + _depth(type_.of)
        case _:
            return 1
