"""The `backcourt` command."""

from __future__ import annotations

import os
import sys
from errno import EDQUOT, ENOSPC
from typing import Annotated

import typer

from backcourt.cli import (
    data_verbs,
    exception_verbs,
    feature_verbs,
    forecast_verbs,
    grade_verbs,
    look_verbs,
    proof_verbs,
    publish_verbs,
    report_verbs,
    settling_verbs,
    state_verbs,
    work_verbs,
)
from backcourt.cli.options import HomeOption, home_at, remember_home
from backcourt.cli.output import data, say
from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.stop import Stopped, heard, listening

app = typer.Typer(
    name="backcourt",
    help="NBA player-prop analytics on a backfill engine that proves what is complete. Dates are ISO, ranges inclusive.",
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)
for verbs in (
    data_verbs,
    work_verbs,
    state_verbs,
    exception_verbs,
    settling_verbs,
    proof_verbs,
    feature_verbs,
    forecast_verbs,
    grade_verbs,
    report_verbs,
    publish_verbs,
    look_verbs,
):
    verbs.register(app)


@app.callback()
def overview(
    context: typer.Context,
    home: HomeOption = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Alone, print the state in five lines and the next command."""
    if version:
        from backcourt import __version__

        data(__version__)
        raise typer.Exit
    remember_home(home)
    if context.invoked_subcommand is None:
        from backcourt.work.reports.overview import overview_lines

        for line in overview_lines(home_at(home)):
            data(line)


_OUTPUT_CLOSED = 141


def main() -> None:
    """Run a verb; an error is one sentence on stderr and its exit code."""
    with listening():
        sys.exit(exit_code())


def exit_code() -> int:
    """Run the verb that `sys.argv` names and say what went wrong; returns the exit code of the process."""
    code = _code_of_verb()
    # A verb that took an interrupted statement for an unknown state ended, but not as it meant to.
    return stop.exit_code if (stop := heard()) is not None else code


def _code_of_verb() -> int:
    try:
        code = app(standalone_mode=False)
    except BackcourtError as error:
        say(str(error))
        return error.exit_code
    except QueryError as error:
        if (stop := heard()) is not None:
            return _say_stopped(stop.said, stop, stop.exit_code)
        say(f"The warehouse refused a statement: {error}.")
        return 2
    except OSError as error:
        return _code_of_file_error(error)
    except typer.TyperException as error:
        say(f"{error.format_message().rstrip('.')}. See `backcourt --help`.")
        return 2
    except Stopped as stop:
        if stop.exit_code == 141:
            return _say_to_nobody(stop)
        return _say_stopped(stop.said, stop, stop.exit_code)
    except (KeyboardInterrupt, typer.Abort) as stop:
        return _say_stopped("Interrupted", stop, 130)
    except SystemExit:
        # Typer takes a closed output for an exit with 1, which would say that something is unmet.
        if type(sys.stdout).__name__ != "PacifyFlushWrapper":
            raise
        _forget_output()
        return _OUTPUT_CLOSED
    return code if isinstance(code, int) else 0


def _code_of_file_error(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        _forget_output()
        return _OUTPUT_CLOSED
    if error.errno in (ENOSPC, EDQUOT):
        say(f"The disk is full ({error}); make room and try again.")
    else:
        named = f"{error.filename}: " if error.filename else ""
        say(f"{named}{error.strerror or error}; see what lies there and who may read and write it, then try again.")
    return 2


def _forget_output() -> None:
    """Nobody reads it any more; what is still in its buffer would fail at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_to_nobody(stop: Stopped) -> int:
    """Its output was closed; its word on stderr may find nobody either."""
    _forget_output()
    try:
        return _say_stopped(stop.said, stop, stop.exit_code)
    except BrokenPipeError:
        os.dup2(sys.stdout.fileno(), sys.stderr.fileno())
        return stop.exit_code


def _say_stopped(said: str, stop: BaseException, code: int) -> int:
    kept = "; ".join(note for note in getattr(stop, "__notes__", ()) if note)
    say(f"{said}; {kept or 'nothing is left half-done, run it again to go on'}.")
    return code
