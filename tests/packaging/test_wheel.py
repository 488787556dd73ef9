"""The wheel holds the three packages, everything that they read, and nothing else."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
SOURCES = {"services": "usage_ledger", "schemas": "usage_ledger_schemas", "projections": "usage_ledger_views"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        yield archive


def tracked(folder):
    listed = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return {Path(name).relative_to(folder).as_posix() for name in listed.stdout.split("\0") if name}


def test_it_has_three_packages_and_its_own_description(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {*SOURCES.values(), "usage_ledger-0.1.0.dist-info"}


@pytest.mark.parametrize("folder", SOURCES)
def test_every_tracked_file_of_a_package_is_in_it(wheel, folder):
    existing = {name for name in tracked(folder) if (ROOT / folder / name).exists()}
    assert existing - set(wheel.namelist()) == set()


@pytest.mark.parametrize("package", SOURCES.values())
def test_each_package_tells_type_checkers_that_it_is_typed(wheel, package):
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_lock_of_kafka_is_the_one_in_deploy(wheel):
    packed = wheel.read("usage_ledger/embedded/kafka.lock.toml").decode()
    assert packed == (ROOT / "deploy/embedded/kafka.lock.toml").read_text()


def test_its_script_is_the_command_line(wheel):
    scripts = wheel.read("usage_ledger-0.1.0.dist-info/entry_points.txt").decode()
    assert "usage-ledger = usage_ledger.entrypoints.cli:main" in scripts


def test_no_file_of_set_up_names_a_host_or_a_path_of_a_machine():
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert [word for word in ("://", "--index", "--find-links", " @ ", "/") if word in lock] == []
