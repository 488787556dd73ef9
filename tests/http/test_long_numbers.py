"""Numbers that no JSON library here reads are made shorter, and nothing else is touched, in one pass over anything."""

from __future__ import annotations

import msgspec
import pytest

from usage_ledger.entrypoints.http.long_numbers import with_short_numbers

LONG = b"1" * 4_301


def test_the_longest_readable_number_is_left_alone() -> None:
    body = b'{"a": %s}' % LONG[1:]
    assert with_short_numbers(body) == body
    assert msgspec.json.decode(body, type=dict[str, int])


@pytest.mark.parametrize("sign", [b"", b"-"])
def test_a_longer_one_is_still_beyond_every_range(sign: bytes) -> None:
    shortened = msgspec.json.decode(with_short_numbers(b'{"a": %s%s}' % (sign, LONG)), type=dict[str, int])
    assert abs(shortened["a"]) > 2**127
    assert (shortened["a"] < 0) == bool(sign)


@pytest.mark.parametrize(
    "body", [b'{"a": "%s"}' % LONG, b'{"\\"%s": 1}' % LONG, b'"\\\\" "%s' % LONG, b'"%s\\' % LONG, b'"\\\n%s"' % LONG]
)
def test_digits_within_texts_are_no_numbers(body: bytes) -> None:
    assert with_short_numbers(body) == body


def test_after_a_text_numbers_are_numbers_again() -> None:
    assert with_short_numbers(b'["a\\"", %s]' % LONG) == b'["a\\"", %s]' % (b"9" * 40)


@pytest.mark.parametrize("hostile", [b'"\\"' * 500_000, b'\\"' * 500_000 + b"\\", b"1" * 3_000_000, b'"' * 999_999])
def test_hostile_bytes_take_one_pass(hostile: bytes) -> None:
    assert len(with_short_numbers(hostile)) <= len(hostile)
