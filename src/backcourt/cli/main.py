"""The `backcourt` command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from backcourt.cli import (
    data_verbs,
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
from backcourt.cli.options import HomeOption, home_at
from backcourt.cli.output import data, say
from backcourt.engine.errors import BackcourtError, QueryError

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
    if context.invoked_subcommand is None:
        from backcourt.reports.overview import overview_lines

        for line in overview_lines(home_at(home)):
            data(line)


def main() -> None:
    """Run a verb; an error is one sentence on stderr and its exit code."""
    try:
        code = app(standalone_mode=False)
    except BackcourtError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except QueryError as error:
        say(f"The warehouse refused a statement: {error}.")
        sys.exit(2)
    except typer.TyperException as error:
        say(f"{error.format_message().rstrip('.')}. See `backcourt --help`.")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        say("Interrupted; what was built is kept, run again to go on.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
