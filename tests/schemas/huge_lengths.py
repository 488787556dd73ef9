"""A program for `test_hostile_bytes`: decode examples with huge lengths in them, with little memory.

Prints how many bodies were tried. Fails with a MemoryError or by any error that is not the codec's.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from itertools import product

from schemas.golden import GOLDENS, Golden
from usage_ledger_schemas import codec

ADDRESS_SPACE = 256 * 2**20
# As an array's count, a text's length and an index: a billion, the largest, and two that are negative.
HUGE = [b"\x80\x80\x80\x80\x08", b"\xfe" + b"\xff" * 8 + b"\x01", b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x0f"]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    tried = sum(try_lengths(golden) for golden in GOLDENS)
    print(tried)


def try_lengths(golden: Golden) -> int:
    """How many bodies were made of an example, none of which brought the process down."""
    places = range(0, len(golden.body), 1 + len(golden.body) // 200)
    for place, huge, decode in product(places, HUGE, (codec.decode, codec.decode_strict)):
        with suppress(codec.UndecodableRecord):
            decode(golden.schema.fingerprint, golden.body[:place] + huge + golden.body[place + 1 :])
    return 2 * len(places) * len(HUGE)


if __name__ == "__main__":
    main()
