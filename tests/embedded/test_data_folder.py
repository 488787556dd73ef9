"""Which folders a stack may use, and what is refused before anything is started."""

import shutil
import socket
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from usage_ledger.embedded.data_folder import _refuse_closed_parent, kept_folder, throw_away_folder
from usage_ledger.embedded.ports import preferred_port, required_port
from usage_ledger.embedded.postgres import short_socket_folder
from usage_ledger.embedded.postgres_user import closed_parent
from usage_ledger.embedded.refused import StackRefused
from usage_ledger.embedded.supervision import Supervision


@pytest.fixture
def open_tmp_path():
    """A folder that everybody may pass through; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="usage-ledger-open-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_a_folder_with_other_things_is_refused(open_tmp_path):
    (open_tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StackRefused, match="holds other things"):
        kept_folder(open_tmp_path)


def test_a_folder_of_an_earlier_stack_is_welcome(open_tmp_path):
    kept_folder(open_tmp_path / "data").close()
    kept_folder(open_tmp_path / "data").close()


def test_two_stacks_never_share_a_folder(open_tmp_path, monkeypatch):
    monkeypatch.setattr("usage_ledger.embedded.data_folder._LOCK_PATIENCE_S", 0)
    with closing(kept_folder(open_tmp_path / "data")), pytest.raises(StackRefused, match="another stack"):
        kept_folder(open_tmp_path / "data")


def test_a_path_below_a_file_is_refused(open_tmp_path):
    (open_tmp_path / "file").touch()
    with pytest.raises(StackRefused, match="cannot use"):
        kept_folder(open_tmp_path / "file" / "data")


def test_a_throw_away_folder_is_new_each_time():
    with closing(throw_away_folder()) as first, closing(throw_away_folder()) as second:
        shutil.rmtree(first.path)
        shutil.rmtree(second.path)
    assert first.path != second.path


def test_the_outermost_closed_folder_is_named(open_tmp_path):
    closed = open_tmp_path / "closed"
    (closed / "open").mkdir(parents=True)
    closed.chmod(0o700)
    assert closed_parent(closed / "open" / "data") == closed


def test_a_folder_that_the_user_of_postgres_cannot_reach_is_refused(open_tmp_path):
    closed = open_tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(StackRefused, match=str(closed)):
        _refuse_closed_parent(closed / "data")


def test_a_long_path_gets_a_short_place_for_its_socket(tmp_path):
    long = tmp_path / ("x" * 100)
    short = short_socket_folder(long)
    try:
        assert len(str(short / ".s.PGSQL.5432.lock")) < 100
    finally:
        short.rmdir()


def test_a_short_path_keeps_its_socket(tmp_path):
    assert short_socket_folder(tmp_path) == tmp_path or len(str(tmp_path)) > 80


def test_a_required_port_that_is_taken_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StackRefused, match="HTTP"):
        required_port(taken.getsockname()[1], purpose="HTTP")


def test_a_preferred_port_that_is_taken_gives_way_to_another():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert preferred_port(port) not in (0, port)


def test_a_folder_stays_locked_until_the_supervisor_is_gone(open_tmp_path, monkeypatch):
    monkeypatch.setattr("usage_ledger.embedded.data_folder._LOCK_PATIENCE_S", 0)
    folder = kept_folder(open_tmp_path / "data")
    with Supervision(folder.logs / "supervisor.log", lock_fd=folder.lock_fd):
        folder.close()
        with pytest.raises(StackRefused, match="another stack"):
            kept_folder(open_tmp_path / "data")
    kept_folder(open_tmp_path / "data").close()
