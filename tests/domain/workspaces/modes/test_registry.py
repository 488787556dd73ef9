"""A registry is published whole or not at all; each defect has its own code."""

from __future__ import annotations

import msgspec
import pytest

from domain.workspaces.modes.questions import PACKAGED, TIED_CONTENT, provider
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.registry.content import Arm, Runtime, digest_of, read_content
from usage_ledger.workspaces.registry.defects import InvalidRegistry, defects_of
from usage_ledger.workspaces.registry.derivation import derive
from usage_ledger.workspaces.registry.registry import make_registry, registry_in_force
from usage_ledger.workspaces.resolver.inputs import Credentials, model_input, runtime_input


def providers(*more):
    return msgspec.structs.replace(TIED_CONTENT, providers=(*TIED_CONTENT.providers, *more))


def arms(*several):
    return msgspec.structs.replace(TIED_CONTENT, runtimes=(Runtime("r", several),))


DEFECTS = [
    (providers(provider("one", "OTHER_KEY")), "duplicate_provider", "one"),
    (arms(Arm("one", ("a",)), Arm("one", ())), "duplicate_arm", "r/one"),
    (arms(Arm("one", ("a", "a"))), "duplicate_model", "r/one/a"),
    (arms(Arm("three", ())), "unknown_provider", "r/three"),
    (arms(Arm("platform", ())), "name_only_closed_arm", "r/platform"),
    (msgspec.structs.replace(TIED_CONTENT, closed_provider="nobody"), "missing_closed_provider", "nobody"),
    (providers(msgspec.structs.replace(provider("three"), auth_names=())), "empty_auth_names", "three"),
    (
        providers(provider("three", upstream_vendor="v"), provider("four", upstream_vendor="v")),
        "duplicate_upstream_vendor",
        "v",
    ),
    (arms(Arm("platform", ("a",)), Arm("one", ("a",))), "model_shared_with_closed_provider", "r/a"),
    (
        msgspec.structs.replace(TIED_CONTENT, unmanaged_runtimes=("elsewhere", "r")),
        "unmanaged_runtime_with_arms",
        "r",
    ),
    (
        msgspec.structs.replace(TIED_CONTENT, runtimes=TIED_CONTENT.runtimes * 2),
        "duplicate_runtime",
        "r",
    ),
]


@pytest.mark.parametrize(("content", "code", "where"), DEFECTS, ids=[code for _, code, _ in DEFECTS])
def test_a_defect_keeps_a_registry_from_being_made(content, code, where):
    assert [(defect.code, defect.where) for defect in defects_of(content)] == [(code, where)]
    with pytest.raises(InvalidRegistry, match=code):
        make_registry(content)
    assert registry_in_force(content, digest_of(content)) is None


def test_every_defect_is_told_at_once():
    content = msgspec.structs.replace(arms(Arm("three", ("a", "a"))), closed_provider="nobody")
    codes = [defect.code for defect in defects_of(content)]
    assert codes == ["missing_closed_provider", "unknown_provider", "duplicate_model"]


def test_the_packaged_version_is_valid():
    assert (PACKAGED.version, defects_of(packaged_content())) == ("2026-06-12", ())
    assert PACKAGED.reserved == {"MOLECULE_LLM_USAGE_TOKEN"}


def test_the_digest_is_of_the_content_and_not_of_its_layout():
    content = packaged_content()
    pretty = msgspec.json.format(msgspec.json.encode(content), indent=4)
    assert digest_of(read_content(pretty)) == digest_of(content) == PACKAGED.digest
    assert digest_of(msgspec.structs.replace(content, version="other")) != PACKAGED.digest


def test_a_content_that_is_not_what_its_digest_was_made_of_is_unavailable():
    content = packaged_content()
    assert registry_in_force(content, PACKAGED.digest) == PACKAGED
    altered = msgspec.structs.replace(content, version="2026-06-13")
    assert registry_in_force(altered, digest_of(altered)) is not None
    assert registry_in_force(altered, PACKAGED.digest) is None


def test_a_member_that_is_not_known_is_an_error():
    text = msgspec.json.encode(packaged_content()).replace(b'"closed_provider"', b'"open_provider"')
    with pytest.raises(msgspec.ValidationError):
        read_content(text)


def test_a_prefix_of_no_text_would_match_everything_and_is_an_error():
    text = msgspec.json.encode(packaged_content()).replace(b'"groq:"', b'""')
    with pytest.raises(msgspec.ValidationError):
        read_content(text)


def test_a_runtime_without_arms_is_known_and_derives_nothing():
    registry = make_registry(arms())
    assert set(registry.runtimes) == {"r"}
    assert derive(registry, runtime_input("r"), model_input("x-1"), Credentials()).how == "unknown_runtime"
