"""The command line names every command and loads only the one that is used."""

import json
import os
import subprocess
import sys

import click
import pytest

from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.entrypoints.cli import COMMANDS, cli
from usage_ledger.entrypoints.cli.exits import run
from usage_ledger.workspaces.registry.content import read_content


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_explains_itself(name, capsys):
    assert run(cli, [name, "--help"]) == 0
    assert "Usage: usage-ledger" in capsys.readouterr().out


def test_help_lists_every_command_and_the_exit_codes(capsys):
    run(cli, ["--help"])
    help_text = capsys.readouterr().out
    assert all(name in help_text for name in COMMANDS)
    assert "a dependency is unreachable" in help_text


def test_help_imports_no_command():
    script = (
        "import sys\n"
        "from usage_ledger.entrypoints.cli import COMMANDS, cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "loaded = {command.target.partition(':')[0] for command in COMMANDS.values()} & set(sys.modules)\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_wrong_input(capsys):
    assert run(cli, ["no-such-command"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_the_data_folder_leads_every_command_to_the_stack_in_it(tmp_path, monkeypatch):

    monkeypatch.setenv("USAGE_LEDGER_SETTINGS", "elsewhere")
    with click.Context(cli):
        cli.callback(data=tmp_path)
    assert os.environ["USAGE_LEDGER_SETTINGS"] == str(tmp_path / "settings.toml")


def test_the_packaged_registry_is_printed_as_a_body_that_can_be_published(capsys):
    assert run(cli, ["registry", "packaged", "--reason", "first"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["version"], body["reason"]) == (packaged_content().version, "first")
    assert read_content(json.dumps(body["content"]).encode()) == packaged_content()


def test_the_module_is_the_command_line_too():
    done = subprocess.run(
        [sys.executable, "-m", "usage_ledger", "--version"], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("usage-ledger, version ")
