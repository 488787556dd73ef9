"""What modes are made of, in few words, so that they meet often: registries, runtimes, models, names, policies."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from domain.workspaces.modes.questions import TIED_CONTENT
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.registry.changes import AddModels, RemoveModels, forwards

_PACKAGED = packaged_content()
_BOTH = msgspec.structs.replace(
    _PACKAGED,
    providers=(*_PACKAGED.providers, *TIED_CONTENT.providers[1:]),
    runtimes=(*_PACKAGED.runtimes, *TIED_CONTENT.runtimes),
)
_EDITED = forwards(
    _BOTH,
    (
        RemoveModels("claude-code", "kimi-coding", ("kimi-for-coding",)),
        AddModels("claude-code", "platform", ("kimi-for-coding",)),
    ),
    "edited",
)
REGISTRIES = {"both": _BOTH, "edited": _EDITED, "tied": TIED_CONTENT}

workspaces = st.sampled_from(["a", "b"])
known = st.sampled_from(
    [
        ("claude-code", "anthropic/claude-opus-4-7"),
        ("claude-code", "kimi-for-coding"),
        ("claude-code", "kimi-for-coding"),
        ("r", "x-1"),
        ("r", "x-1"),
        ("r", "platform-model"),
        ("codex", "gpt-5.5"),
    ]
)
"""Runtimes with models that they serve; x-1 is a tie."""

runtimes = st.sampled_from(["claude-code", "claude-code", "r", "r", "codex", "external", "wheelbarrow", " ", None])
models = st.sampled_from(
    ["anthropic/claude-opus-4-7", "kimi-for-coding", " x-1 ", "p-1", "platform-model", "gpt-5.5", "made-up"]
)
names = st.sampled_from(
    ["KIMI_API_KEY", "KIMI_API_KEY", "ONE_KEY", "TWO_KEY", "OPENAI_API_KEY", "DATABASE_URL", "MOLECULE_LLM_USAGE_TOKEN"]
)
scopes = st.sampled_from(["workspace", "workspace", "tenant"])
modes = st.sampled_from([*MODES, " byok ", None])
policies = st.sampled_from(["P4", "P4", "P4", "P4", "P1", "P2a", "P2b", "P3", "P5", "P6"])
later = st.sampled_from([None, None, None, 2, 9])
SOURCES = ("override", "org_default", "runtime", "model", "workspace_credentials", "tenant_credentials")
