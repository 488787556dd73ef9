"""Exit codes: what they mean, and the one place that turns what went wrong into one of them."""

import json
import sys
from collections.abc import Sequence
from enum import IntEnum

import click

from usage_ledger.embedded.refused import StackRefused
from usage_ledger.settings import SettingsInvalid
from usage_ledger.unreachable import DependencyUnreachable

EXIT_CODES = """\b
Exit codes:
  0  done
  1  the answer is no: a scenario failed, a proof does not hold
  2  the input or the set-up is wrong
  3  a dependency is unreachable
  70  a defect of ours, with its traceback; 130 when interrupted
"""


class Exit(IntEnum):
    """The documented exit codes."""

    DONE = 0
    ANSWER_IS_NO = 1
    INPUT_WRONG = 2
    UNREACHABLE = 3
    DEFECT = 70
    INTERRUPTED = 130


class AnswerIsNo(Exception):
    """The command worked and its answer is no; it has already said why."""


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code; whatever is wrong is said on stderr, and in JSON if asked for."""
    try:
        result: object = command.main(list(arguments), prog_name="usage-ledger", standalone_mode=False)
    except AnswerIsNo:
        return Exit.ANSWER_IS_NO
    except click.exceptions.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return _failed(Exit.INPUT_WRONG, error.format_message(), arguments)
    except SettingsInvalid as error:
        return _refused(Exit.INPUT_WRONG, f"settings: {error}", arguments)
    except StackRefused as error:
        return _refused(Exit.INPUT_WRONG, str(error), arguments)
    except DependencyUnreachable as error:
        return _refused(Exit.UNREACHABLE, str(error), arguments)
    except Exception as error:  # noqa: BLE001 - Python's own exit code for this is 1, which would read as an answer
        sys.excepthook(type(error), error, error.__traceback__)
        return _failed(Exit.DEFECT, f"{type(error).__name__}: {error}", arguments)
    # Without standalone mode click returns the code of `ctx.exit` instead of leaving.
    return result if isinstance(result, int) else Exit.DONE


def _refused(code: Exit, reason: str, arguments: Sequence[str]) -> int:
    click.echo(f"usage-ledger: {reason}", err=True)
    return _failed(code, reason, arguments)


def _failed(code: Exit, reason: str, arguments: Sequence[str]) -> int:
    if "--json" in arguments:
        click.echo(json.dumps({"error": reason, "exit_code": int(code)}))
    return code
