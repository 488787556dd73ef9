"""Exit codes mean what `--help` says, whichever command was run."""

import json

import click
import pytest

from usage_ledger.embedded.refused import ServerFailed, StackRefused
from usage_ledger.entrypoints.cli.exits import AnswerIsNo, Exit, run
from usage_ledger.entrypoints.cli.output import json_option
from usage_ledger.settings import SettingsInvalid
from usage_ledger.unreachable import DependencyUnreachable


def command_that(raises):
    @click.command()
    @json_option
    def command(as_json):
        if raises is not None:
            raise raises

    return command


OUTCOMES = [
    (None, Exit.DONE),
    (AnswerIsNo(), Exit.ANSWER_IS_NO),
    (click.UsageError("no such file"), Exit.INPUT_WRONG),
    (click.BadParameter("not a number"), Exit.INPUT_WRONG),
    (SettingsInvalid("shards: too many"), Exit.INPUT_WRONG),
    (StackRefused("port 8088 is not free"), Exit.INPUT_WRONG),
    (DependencyUnreachable("kafka at 127.0.0.1:9092"), Exit.UNREACHABLE),
    (ServerFailed("kafka does not start"), Exit.UNREACHABLE),
    (KeyError("a defect"), Exit.DEFECT),
    (KeyboardInterrupt(), Exit.INTERRUPTED),
]


@pytest.mark.parametrize(("raises", "code"), OUTCOMES, ids=lambda each: repr(each))
def test_what_goes_wrong_decides_the_exit_code(raises, code):
    assert run(command_that(raises), []) == code


def test_a_command_may_leave_with_a_code_of_its_own():
    @click.command()
    @click.pass_context
    def command(ctx):
        ctx.exit(1)

    assert run(command, []) == Exit.ANSWER_IS_NO


@pytest.mark.parametrize("raises", [click.UsageError("no such file"), DependencyUnreachable("kafka"), KeyError("x")])
def test_a_program_that_asked_for_json_gets_the_reason_as_json(raises, capsys):
    code = run(command_that(raises), ["--json"])
    last_line = capsys.readouterr().out.splitlines()[-1]
    answer = json.loads(last_line)
    assert answer["exit_code"] == code
    assert answer["error"]


def test_a_person_gets_the_reason_on_stderr(capsys):
    run(command_that(DependencyUnreachable("kafka at 127.0.0.1:9092")), [])
    captured = capsys.readouterr()
    assert "kafka at 127.0.0.1:9092" in captured.err
    assert captured.out == ""


def test_a_defect_shows_its_traceback(capsys):
    run(command_that(KeyError("a defect")), [])
    assert "Traceback" in capsys.readouterr().err
