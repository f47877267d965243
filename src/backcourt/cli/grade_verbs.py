"""The verb that settles: grade."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.options import FromOption, HomeOption, JsonOption, ToOption, WaitOption, home_at
from backcourt.cli.output import as_json, data, rows, say
from backcourt.engine.errors import BackcourtError

if TYPE_CHECKING:
    from backcourt.judgement.grade import GradeReport

_READ_AGAIN_DAYS = 7


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(grade)


def grade(
    on: Annotated[str | None, typer.Option("--date", help="One date, ISO.")] = None,
    start: FromOption = None,
    end: ToOption = None,
    without_lost: Annotated[
        bool, typer.Option("--without-lost", help="Score forecasts whose kept distribution is gone by their point alone, for good.")
    ] = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Settle and score what was said; without dates, of the last 7 days. Exit 1 if something that is due can't be settled."""
    from backcourt.field import clock
    from backcourt.work.grade import grade as settle

    if on and (start or end):
        raise BackcourtError("--date names one date and --from and --to a range; give one of the two.")
    last = clock.day(on or end or "") if on or end else clock.today()
    first = clock.day(on or start or "") if on or start else last - timedelta(days=_READ_AGAIN_DAYS)
    if first > last:
        raise BackcourtError(f"--from {first} lies after --to {last}; ranges are inclusive, first date first.")
    report = settle(home_at(home, waits=wait), first, last, without_lost=without_lost)
    if as_json_:
        as_json(_body(report))
    else:
        _print(report)
    raise typer.Exit(0 if report.is_settled else 1)


def _body(report: GradeReport) -> dict[str, object]:
    return {
        "from": report.start, "to": report.end, "new_outcomes": report.outcomes, "corrected_outcomes": report.corrected,
        "new_grades": report.grades, "published": report.published, "counts": report.counts, "reasons": report.reasons,
        "units": report.units, "unbalanced": report.unbalanced, "excused_games": report.excused,
        "overdue": [vars(game) for game in report.overdue], "lost": report.lost,
    }  # fmt: skip


def _print(report: GradeReport) -> None:
    if not report.counts:
        data(f"Nothing was said of {report.start} to {report.end}.")
        return
    columns = ("subject", "published", *next(iter(report.counts.values())))
    rows(columns, [(kind, report.published[kind], *counts.values()) for kind, counts in report.counts.items()])
    data(
        f"{report.grades:,} new grades on {report.outcomes:,} new outcomes ({report.corrected:,} of them corrections); "
        f"{report.units:+.2f} units on the staked picks."
    )
    for kind, reasons in report.reasons.items():
        say(f"{kind}: " + ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items(), key=lambda item: -item[1])))
    for game in report.overdue:
        say(f"overdue: {game.game_date} {game.game_id}: {game.why}; {game.subjects:,} forecasts and picks wait, ingest what is missing")
    for file, count in sorted(report.lost.items()):
        say(
            f"{file} is gone or not what was kept: {count:,} forecasts wait for it. Put it back and grade again, or score them by their "
            "points alone with --without-lost."
        )
    if report.unbalanced:
        say(f"{report.unbalanced:,} groups don't add up: published is not the sum of their statuses; see `backcourt verify --for ledger`")
