"""The embedded stack on its real servers: who gets in, what survives, what is left behind."""

import os
import shutil
import signal
import socket
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from embedded.units import is_alive, python_owner
from usage_ledger.embedded.data_folder import kept_folder, throw_away_folder
from usage_ledger.embedded.readiness import port_answers
from usage_ledger.embedded.refused import ServerFailed, StackRefused
from usage_ledger.embedded.stack import Process, StackOptions, running_servers
from usage_ledger.settings import load_settings
from waiting import eventually

OPTIONS = StackOptions(fast_start=True, kafka_heap="256m")

OWNER = """
import sys
from usage_ledger.embedded.data_folder import throw_away_folder
from usage_ledger.embedded.stack import StackOptions, running_servers
with running_servers(throw_away_folder(), StackOptions(fast_start=True, kafka_heap="256m"), lambda _: None) as stack:
    supervision = stack.supervision
    print(stack.folder.path, supervision.pid, supervision.pid_of("postgres"), supervision.pid_of("kafka"), flush=True)
    sys.stdin.read()
"""


def servers(folder):
    return running_servers(folder, OPTIONS, lambda _: None)


@pytest.fixture(scope="module")
def stack():
    with servers(throw_away_folder()) as running:
        yield running


@pytest.fixture
def settings(stack, monkeypatch):
    monkeypatch.setenv("USAGE_LEDGER_SETTINGS", str(stack.folder.settings_file))
    return load_settings()


@contextmanager
def admin(options):
    client = KafkaAdminClient(**options)
    try:
        yield client
    finally:
        client.close()


def kafka_answers(options):
    try:
        with admin(options) as client:
            return client.list_topics() is not None
    except KafkaError:
        return False


def postgres_answers(dsn):
    try:
        with psycopg.connect(dsn):
            return True
    except psycopg.OperationalError:
        return False


def test_the_settings_file_leads_to_both_servers(settings):
    with psycopg.connect(settings.postgres_owner_dsn.get_secret_value()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("usage_ledger",)
    with admin(settings.kafka_client_options()) as client:
        assert "usage-ledger.events" not in client.list_topics()


def test_the_settings_file_is_private(stack):
    assert stack.folder.settings_file.stat().st_mode & 0o777 == 0o600


def test_kafka_lets_nobody_in_without_the_password(settings):
    options = settings.kafka_client_options() | {"sasl_plain_password": "a guess", "bootstrap_timeout_ms": 500}
    with pytest.raises(KafkaError):
        KafkaAdminClient(**options)


def test_the_password_of_kafka_is_in_private_files_only(stack):
    password = stack.connections.kafka_password
    holders = [path for path in stack.folder.path.rglob("*") if path.is_file() and password.encode() in read(path)]
    assert holders
    assert [path for path in holders if path.stat().st_mode & 0o077] == []
    command = (stack.folder.logs / "supervisor.log").read_text()
    assert password not in command
    assert password not in repr(stack)


def read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_a_killed_kafka_comes_back(stack, settings):
    before = stack.supervision.pid_of("kafka")
    os.kill(before, signal.SIGKILL)
    port = int(settings.kafka_bootstrap_servers.rpartition(":")[2])
    eventually(lambda: stack.supervision.pid_of("kafka") != before and port_answers(port)())
    eventually(lambda: kafka_answers(settings.kafka_client_options()))


def test_a_killed_postgres_comes_back(stack, settings):
    dsn = settings.postgres_owner_dsn.get_secret_value()
    before = stack.supervision.pid_of("postgres")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: stack.supervision.pid_of("postgres") != before and postgres_answers(dsn))


def test_our_own_processes_find_the_stack_whatever_the_shell_says(stack, monkeypatch, tmp_path):
    monkeypatch.setenv("USAGE_LEDGER_POSTGRES_OWNER_DSN", "host=production")
    out = tmp_path / "dsn"
    script = "import sys; from usage_ledger.settings import load_settings; from pathlib import Path; "
    script += "Path(sys.argv[1]).write_text(load_settings().postgres_owner_dsn.get_secret_value())"
    stack.run_once([sys.executable, "-c", script, str(out)])
    assert out.read_text() == stack.connections.postgres_owner_dsn


def test_a_process_is_up_when_its_question_is_answered(stack, tmp_path):
    ready = tmp_path / "ready"
    script = f"sleep 0.2; touch {ready}; exec sleep 1000"
    stack.start([Process("dummy", ["/bin/sh", "-c", script], ready.exists)])
    assert ready.exists()
    assert is_alive(stack.supervision.pid_of("dummy"))


def test_a_failed_set_up_says_what_the_command_said(stack):
    with pytest.raises(ServerFailed, match="cannot migrate"):
        stack.run_once(["/bin/sh", "-c", "echo cannot migrate >&2; exit 1"])


def test_a_folder_in_use_is_refused(stack, monkeypatch):
    monkeypatch.setattr("usage_ledger.embedded.data_folder._LOCK_PATIENCE_S", 0)
    with pytest.raises(StackRefused, match="another stack"):
        kept_folder(stack.folder.path)


def test_data_survive_from_one_run_to_the_next():
    home = Path(tempfile.mkdtemp(prefix="usage-ledger-kept-", dir="/tmp"))
    home.chmod(0o711)
    try:
        with servers(kept_folder(home / "data")) as stack:
            write_row_and_topic(stack)
        with servers(kept_folder(home / "data")) as stack:
            assert row_and_topic(stack) == ((1,), True)
    finally:
        shutil.rmtree(home)


def client_options(stack):
    where = stack.connections
    return {
        "bootstrap_servers": where.kafka_bootstrap_servers,
        "security_protocol": where.kafka_security_protocol,
        "sasl_mechanism": where.kafka_sasl_mechanism,
        "sasl_plain_username": where.kafka_username,
        "sasl_plain_password": where.kafka_password,
    }


def write_row_and_topic(stack):
    with psycopg.connect(stack.connections.postgres_owner_dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    with admin(client_options(stack)) as client:
        client.create_topics([NewTopic("kept", 1, 1)])


def row_and_topic(stack):
    with psycopg.connect(stack.connections.postgres_owner_dsn) as connection:
        row = connection.execute("SELECT one FROM kept").fetchone()
    with admin(client_options(stack)) as client:
        return row, "kept" in client.list_topics()


def test_nothing_of_the_real_servers_is_left_when_the_owner_is_killed():
    owner = python_owner(OWNER)
    folder, *pids = owner.stdout.readline().split()
    pids = [int(pid) for pid in pids]
    assert all(map(is_alive, pids))
    owner.kill()
    owner.communicate()
    eventually(lambda: not any(map(is_alive, pids)))
    assert not Path(folder).exists()


def test_nothing_of_the_real_servers_is_left_when_the_supervisor_is_killed():
    owner = python_owner(OWNER)
    folder, supervisor, *pids = owner.stdout.readline().split()
    os.kill(int(supervisor), signal.SIGKILL)
    eventually(lambda: not any(is_alive(int(pid)) for pid in pids))
    owner.communicate()
    # Nobody was left to remove it.
    shutil.rmtree(folder)


def test_a_start_that_fails_leaves_no_folder_behind():
    folder = throw_away_folder()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        never = running_servers(folder, StackOptions(http_port=taken.getsockname()[1]), lambda _: None)
        with pytest.raises(StackRefused), never:
            raise AssertionError("it started although its port was taken")
    assert not folder.path.exists()
