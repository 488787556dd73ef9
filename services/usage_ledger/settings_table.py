"""Writes the table of settings that operators read: `python -m usage_ledger.settings_table > deploy/settings.md`."""

from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import to_json

from usage_ledger.settings import ENV_PREFIX, Settings

_HEAD = f"""# Settings

Every process reads the same settings: from the environment (`{ENV_PREFIX}` and the name in capitals), else from the
TOML file that `{ENV_PREFIX}SETTINGS` names, else the default. Written from `settings.py` by `make settings`.

| setting | default | meaning |
|---|---|---|
"""


def settings_table() -> str:
    """The whole page, as Markdown."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{name}` | {_default(field)} | {field.description}{_choices(field)} |\n"


def _default(field: FieldInfo) -> str:
    value: object = field.default
    if value is None:
        return ""
    if isinstance(value, dict):
        return f"`{to_json(value).decode()}`"
    return f"`{value.get_secret_value() if isinstance(value, SecretStr) else value}`"


def _choices(field: FieldInfo) -> str:
    words = [word for part in (field.annotation, *get_args(field.annotation)) for word in get_args(part)]
    names = [word for word in words if isinstance(word, str)]
    return f" One of {', '.join(f'`{name}`' for name in dict.fromkeys(names))}." if names else ""


if __name__ == "__main__":
    print(settings_table(), end="")
