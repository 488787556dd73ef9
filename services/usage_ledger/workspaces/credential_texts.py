"""What passes for a credential's name and for its fingerprint: nothing that a credential's value looks like.

Refusals never repeat the text, for it may be the value of a credential that was put into the wrong place.
"""

from __future__ import annotations

import re
from typing import Final

from usage_ledger.refusals import Refusal
from usage_ledger.workspaces.resolver.inputs import credential_name

MAX_NAME: Final = 128

_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_LONGEST_WORD: Final = 20
_LONGEST_WORD_WITH_DIGITS: Final = 12

_FINGERPRINT: Final = re.compile(r"[a-z][a-z0-9-]{1,31}:[0-9a-f]{8,128}\Z")


def require_name(text: str) -> str:
    """An environment variable's name as it is compared: trimmed, in capitals (billing-mode 3).

    At most 128 letters, digits and underscores, not beginning with a digit. Raises
    ``Refusal('credential_value_not_accepted')``.
    """
    name = credential_name(text)
    if len(name) > MAX_NAME or not _NAME.match(name) or any(map(_is_random, name.split("_"))):
        raise Refusal(
            "credential_value_not_accepted",
            "this is no environment variable's name: at most 128 letters, digits and underscores, in words of at most"
            " 20 letters, or 12 letters and digits; the value of a credential is not accepted in its place",
        )
    return name


def _is_random(word: str) -> bool:
    """Names are words joined by underscores; the part of a vendor's key that nobody could guess is one long word."""
    longest = _LONGEST_WORD if word.isalpha() else _LONGEST_WORD_WITH_DIGITS
    return len(word) > longest


def require_fingerprint(text: str) -> str:
    """How it was made, a colon, and 8 to 128 hexadecimal digits, all in lower case: a keyed digest, which says so.

    ``hmac-sha256:9f86…`` is one. Digits alone would not do, for some vendors' keys are just that.

    Raises ``Refusal``: ``missing_fingerprint``, ``credential_value_not_accepted``.
    """
    if not text.strip():
        raise Refusal("missing_fingerprint", "a stored credential is known by a keyed digest of its value")
    if not _FINGERPRINT.match(text):
        raise Refusal(
            "credential_value_not_accepted",
            "a fingerprint is a keyed digest that says so, such as hmac-sha256: and hexadecimal digits in lower case;"
            " the value is not accepted",
        )
    return text
