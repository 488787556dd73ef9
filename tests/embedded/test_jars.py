"""No byte that the lock does not name gets on Kafka's class path."""

import hashlib

import pytest

from usage_ledger.embedded.jars import LockedJar, class_path, kafka_jars
from usage_ledger.embedded.refused import StackRefused

GOOD = b"the bytes that were tested"
JAR = LockedJar("org.example", "thing", "1.0", hashlib.sha256(GOOD).hexdigest())


def registry_with(content):
    def fetch(jar, repository):
        path = repository / jar.path
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    return fetch


def no_registry(jar, repository):
    raise AssertionError(f"{jar} should not have been fetched")


def found(cache, fetch, others=()):
    paths = class_path([JAR], cache=cache, other_repositories=others, fetch=fetch, report=lambda *_: None)
    return [path.read_bytes() for path in paths]


def put(repository, content):
    path = repository / JAR.path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_a_jar_is_fetched_once(tmp_path):
    assert found(tmp_path, registry_with(GOOD)) == [GOOD]
    assert found(tmp_path, no_registry) == [GOOD]


def test_a_jar_with_a_wrong_hash_is_refused(tmp_path):
    with pytest.raises(StackRefused, match=r"thing-1\.0\.jar"):
        found(tmp_path, registry_with(b"something else"))


def test_a_refused_jar_leaves_nothing_in_the_cache(tmp_path):
    with pytest.raises(StackRefused):
        found(tmp_path, registry_with(b"something else"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_copy_in_the_cache_is_fetched_again(tmp_path):
    put(tmp_path, GOOD[:10])
    assert found(tmp_path, registry_with(GOOD)) == [GOOD]


def test_a_copy_of_another_repository_is_used_if_its_bytes_are_right(tmp_path):
    put(tmp_path / "maven", GOOD)
    assert found(tmp_path / "cache", no_registry, [tmp_path / "maven"]) == [GOOD]


def test_a_wrong_copy_of_another_repository_is_not_used(tmp_path):
    put(tmp_path / "maven", b"something else")
    (tmp_path / "cache").mkdir()
    assert found(tmp_path / "cache", registry_with(GOOD), [tmp_path / "maven"]) == [GOOD]


def test_the_committed_lock_has_a_hash_for_every_jar():
    jars = kafka_jars()
    assert len(jars) == 47
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert ("kafka_2.13", "4.3.0") in {(jar.artifact, jar.version) for jar in jars}
