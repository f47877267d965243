"""Verbs that forecast: backtest, predict."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.options import (
    FormatOption,
    FromOption,
    HomeOption,
    JsonOption,
    ToOption,
    WaitOption,
    WorkersOption,
    home_at,
    seasons_between,
    slates,
)
from backcourt.cli.output import as_json, data, rows, say

if TYPE_CHECKING:
    from backcourt.home import Home

MarketOption = Annotated[
    str | None, typer.Option("--market", help="points, rebounds, assists, threes, pra, separated by commas; default: all.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (backtest, predict):
        app.command()(verb)


def backtest(
    market: MarketOption = None,
    seasons: Annotated[str | None, typer.Option("--seasons", "--season", help="2022-23..2024-25; default: all but the first.")] = None,
    workers: WorkersOption = 2,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Fit every week again, current or not.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many weeks are complete, stale or missing; write nothing.")] = False,
    style: FormatOption = "table",
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Walk every system forward, week by week, and score what it said. Resumable: weeks that are up to date are kept."""
    from backcourt.work.backtest import backtest as run_backtest
    from backcourt.work.backtest import backtest_states

    place = home_at(home)
    _say_left_out(place)
    chosen = None
    if seasons:
        with place.situation() as situation:
            chosen = seasons_between(seasons, situation.calendar.seasons)
    reports: list[dict[str, object]] = []
    for name in _markets(market):
        if dry_run:
            found = backtest_states(place, name, chosen)
            if as_json_:
                reports.append({"market": name, "systems": found})
                continue
            states = ("complete", "stale", "missing")
            rows(("market", "system", *states), [(name, system, *(count[s] for s in states)) for system, count in found.items()], style)
            continue
        report = run_backtest(place, name, chosen, workers=workers, rebuild=rebuild, on_week=partial(_told, name))
        if as_json_:
            reports.append({"market": name, "fitted": report.fitted, "kept": report.kept, "seconds": report.seconds, **report.info})
            continue
        weeks = report.info["weeks"]
        data(
            f"{name}: {report.info['rows']:,} rows of {', '.join(report.info['seasons'])}, weeks {weeks[0]} to {weeks[1]}: "
            f"{report.fitted} fitted, {report.kept} kept, {report.seconds['all']:.1f} s "
            f"(read {report.seconds['read']:.1f}, fit {report.seconds['fits']:.1f}, walk {report.seconds['walk']:.1f}, "
            f"write {report.seconds['write']:.1f})"
        )
    if as_json_:
        as_json({"markets": reports})
    elif not dry_run:
        say("Next: backcourt reportcard")


def predict(
    date: Annotated[str | None, typer.Option("--date", help="The slate, ISO date.")] = None,
    start: FromOption = None,
    end: ToOption = None,
    market: MarketOption = None,
    moment: Annotated[
        str | None,
        typer.Option("--moment", help="What may be known: morning (10:00 ET), t60, lock or now; default: the morning, later the lock."),
    ] = None,
    wait: WaitOption = False,
    style: FormatOption = "table",
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Forecast a slate, or each of a range, and append forecasts and picks to the ledger. The same call twice writes once."""
    first, last = slates("Forecasting", date, start, end)
    place, markets = home_at(home, waits=wait), _markets(market)
    # The libraries of the models take longer to load than some forecasts take: the job has begun before them.
    with place.working("predict"):
        from backcourt.work.predict import predict as run_predict
        from backcourt.work.predict import predict_range

        _say_left_out(place)
        found = run_predict(place, first, markets, moment=moment) if date else predict_range(place, first, last, markets, moment=moment)
    if as_json_:
        as_json({"slates": [_as_dict(report) for report in found]})
        return
    actions = ("BET", "LEAN", "PASS", "NO_LINE")
    rows(
        ("date", "market", "moment", "players", "lines", "forecasts", "known", "late", "picks", *actions),
        [
            (
                r.game_date, r.market, r.moment, r.players, r.lines, r.forecasts.new, r.forecasts.known, r.forecasts.late, r.picks.new,
                *(r.actions.get(action, 0) for action in actions),
            )
            for r in found
        ],
        style,
    )  # fmt: skip
    for report in found:
        if report.history_games_lacking:
            lacking = f"what the slate rests on lacks {report.history_games_lacking:,} game(s)"
            say(f"{report.game_date} {report.market}: thin, {lacking}: marked so, and no pick is a BET; see `backcourt gaps`")
        if report.alarm:
            say(f"{report.game_date} {report.market}: {report.alarm}")
    late = sum(report.forecasts.late for report in found)
    if late:
        say(f"{late:,} forecasts were made after their game's lock and are kept as REPLAY; they count in no live record.")


def _say_left_out(place: Home) -> None:
    """Name the systems that could not be used; the others go on without them."""
    from backcourt.forecasting.system import loaded_systems

    for problem in loaded_systems(place.path).problems:
        say(problem.sentence)


def _markets(text: str | None) -> list[str]:
    from backcourt.field.markets import MARKETS, market_of

    return [market_of(name.strip()).id for name in text.split(",")] if text else list(MARKETS)


def _told(market: str, done: int, of: int) -> None:
    if done % 10 == 0 or done == of:
        say(f"{market}: {done} of {of} weeks fitted")


def _as_dict(report: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(report)  # type: ignore[call-overload,no-any-return]
