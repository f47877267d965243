"""The `backcourt` command."""

from __future__ import annotations

import os
import sys
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Annotated

import typer

from backcourt.cli import (
    data_verbs,
    decision_verbs,
    exception_verbs,
    feature_verbs,
    forecast_verbs,
    grade_verbs,
    look_verbs,
    proof_verbs,
    publish_verbs,
    report_verbs,
    state_verbs,
    work_verbs,
)
from backcourt.cli.grammar import Verbs, require_use_of_home
from backcourt.cli.options import HomeOption, home_at, remember_home
from backcourt.cli.output import data, failure_as_json, say
from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.stop import Stopped, heard, listening

app = typer.Typer(
    name="backcourt",
    cls=Verbs,
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
    decision_verbs,
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
    if home is not None:
        require_use_of_home(context)
    if context.invoked_subcommand is None:
        from backcourt.work.reports.overview import overview_lines

        for line in overview_lines(home_at(home)):
            data(line)


_OUTPUT_CLOSED = 141


def main() -> None:
    """Run a verb; an error is one sentence on stderr and its exit code."""
    _open_streams()
    with listening():
        sys.exit(exit_code())


def _open_streams() -> None:
    """Something to write to where the caller closed it; what a terminal's encoding lacks is written as an escape."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        getattr(sys, name).reconfigure(errors="backslashreplace")


def exit_code() -> int:
    """Run the verb that `sys.argv` names and say what went wrong; returns the exit code of the process."""
    code = _flushed(_code_of_verb())
    # A verb that took an interrupted statement for an unknown state ended, but not as it meant to.
    return stop.exit_code if (stop := heard()) is not None else code


def _flushed(code: int) -> int:
    """The exit code, once what was printed has gone out. At the end of the process nobody could say that it didn't."""
    try:
        sys.stdout.flush()
    except OSError as error:
        told = _OUTPUT_CLOSED if isinstance(error, BrokenPipeError) else 2
        if code not in (told, 2):
            say(f"The output can't be written ({error.strerror}); let it go somewhere else.")
        _forget_output()
        return told
    return code


def _code_of_verb() -> int:
    try:
        code = app(standalone_mode=False)
    except BackcourtError as error:
        return _failed(str(error), error.exit_code)
    except QueryError as error:
        if (stop := heard()) is not None:
            return _say_stopped(stop.said, stop, stop.exit_code)
        return _failed(f"The warehouse refused a statement: {error}.", 2)
    except OSError as error:
        return _code_of_file_error(error)
    except typer.TyperException as error:
        return _failed(f"{error.format_message().rstrip('.')}. See `backcourt --help`.", 2)
    except Stopped as stop:
        if stop.exit_code == _OUTPUT_CLOSED:
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


def _failed(sentence: str, code: int) -> int:
    """Say what went wrong; where JSON was asked for, an object says it on stdout, too."""
    say(sentence)
    try:
        failure_as_json(code, sentence)
    except OSError:
        _forget_output()
    return code


def _code_of_file_error(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        _forget_output()
        return _OUTPUT_CLOSED
    if error.errno in (ENOSPC, EDQUOT):
        return _failed(f"The disk is full ({error}); make room and try again.", 2)
    named = f"{error.filename}: " if error.filename else ""
    told = f"{named}{error.strerror or error}"
    return _failed(f"{told}; see what lies there and who may read and write it, then try again.", 2)


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
    return _failed(f"{said}; {kept or 'nothing is left half-done, run it again to go on'}.", code)
