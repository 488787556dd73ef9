"""Time zones are those of the package that is shipped with the ledger, whatever the machine has."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from usage_ledger import zones

SUMMER = datetime(2026, 7, 1)  # noqa: DTZ001 - the zone is what is asked for


@pytest.fixture
def strange_machine(tmp_path: Path) -> Iterator[None]:
    """A machine on which Berlin lies in Japan."""
    (tmp_path / "Europe").mkdir()
    with as_file(files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo")) as tokyo:
        shutil.copy(tokyo, tmp_path / "Europe" / "Berlin")
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    zones.time_zone.cache_clear()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()
    zones.time_zone.cache_clear()


def test_a_zone_is_what_the_package_says_not_the_machine(strange_machine: None) -> None:
    assert zones.time_zone("Europe/Berlin").utcoffset(SUMMER) == timedelta(hours=2)


def test_every_name_is_a_zone() -> None:
    assert all(zones.time_zone(name).key == name for name in zones.NAMES)
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= zones.NAMES


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "europe/berlin", ""])
def test_what_only_a_machine_has_is_no_zone(name: str) -> None:
    with pytest.raises(LookupError):
        zones.time_zone(name)
