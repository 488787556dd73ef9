"""What a door asks of a service key before it hands a command on (H1): nothing of it is stored."""

from __future__ import annotations

from usage_ledger.keys.secret_hash import hash_of_secret
from usage_ledger.scenarios.cast import Cast
from usage_ledger.scenarios.result import Result
from usage_ledger.scenarios.steps import Command
from usage_ledger.scenarios.worlds.world import World
from usage_ledger.usage.attempt import DEFAULT_CAPABILITY


def refusal_at_door(command: Command, cast: Cast, world: World) -> Result | None:
    """Of a command under a key: ``key_invalid``, ``key_revoked``, ``key_expired``, ``key_scope``; None: it may pass."""
    if command.name != "PlaceHold" or "key" not in command.fields:
        return None
    secret = command.fields["key"]
    key, secret_hash = world.find_key(cast.key_id(secret)), hash_of_secret(secret)
    if key is None or not key.fits(secret_hash):
        return _refused("key_invalid")
    if (code := key.refusal_at(world.ledger.clock.now(), secret_hash)) is not None:
        return _refused(code)
    return None if key.may_call(command.fields.get("capability", DEFAULT_CAPABILITY)) else _refused("key_scope")


def _refused(code: str) -> Result:
    return {"outcome": "refused", "code": code, "replayed": False}
