"""A season as it would have been archived morning by morning: one folder a day, each file with the time at which it was taken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from backcourt.parquet import scan
from backcourt.simulate.write_schedule import old_shape

if TYPE_CHECKING:
    from backcourt.simulate.parquet import Press
    from backcourt.simulate.season import Season

MORNING = "T09:00:00Z"
# A playoff game is announced this many days ahead; preseason and regular games are known from the start.
ANNOUNCED_DAYS = 3
# The slates (by share of the regular season) whose boxes are first published with one statistic on the wrong man, and that statistic.
CORRECTIONS = ((0.3, "AST"), (0.6, "STL"))
CORRECTED_AFTER_DAYS = 2
DATED_FILES = {"player_box": "GAME_DATE", "player_box_playoffs": "GAME_DATE", "team_box": "GAME_DATE", "shots": "shot_date"}


def write_mornings(press: Press, season: Season, shots_file: str) -> None:
    """Replace the season's files by one folder a morning, `nba/daily/<date>`, taken at 09:00 UTC.

    Each morning holds the boxes and shots of the day before and the schedule as known then: results so far, the postponed game on its
    first date until that date has passed. Two slates are first archived with an assist or a steal credited to a team-mate, and again,
    correctly, two mornings later.
    """
    files = {
        "player_box": f"nba/player_box_{season.name}",
        "player_box_playoffs": f"nba/player_box_playoffs_{season.name}",
        "team_box": f"nba/team_box_{season.name}",
        "shots": shots_file,
    }
    native = "shotchartdetail" in shots_file
    shot_date = f"strptime(GAME_DATE, '{'%Y%m%d' if native else '%m-%d-%Y'}')::DATE"
    for table, file in files.items():
        extra = f", {shot_date} AS shot_date" if table == "shots" else ""
        press.rows(f"CREATE OR REPLACE TABLE archive_{table} AS SELECT *{extra} FROM {scan(press.path(file))}")
    days = [row[0] for row in press.rows("SELECT DISTINCT GAME_DATE FROM archive_team_box ORDER BY 1")]
    regular = [row[0] for row in press.rows("SELECT DISTINCT GAME_DATE FROM archive_player_box WHERE GAME_ID[3] = '2' ORDER BY 1")]
    wrong = {regular[int(share * len(regular))]: stat for share, stat in CORRECTIONS}
    for day in days:
        morning = day + timedelta(days=1)
        for table in files:
            _print_day(press, season, table, day, morning, wrong.get(day) if table == "player_box" else None)
        if day in wrong:
            _print_day(press, season, "player_box", day, morning + timedelta(days=CORRECTED_AFTER_DAYS), None)
        _print_schedule(press, season, morning)
    _print_schedule(press, season, days[0])
    for file in (*files.values(), f"nba/schedule_{season.name}"):
        press.discard(file)


def _print_day(press: Press, season: Season, table: str, day: date, morning: date, wrong_stat: str | None) -> None:
    column = DATED_FILES[table]
    rows = f"FROM archive_{table} WHERE {column} = DATE '{day}'"
    if not press.rows(f"SELECT 1 {rows} LIMIT 1"):
        return
    chosen = "* EXCLUDE (shot_date)" if table == "shots" else "*"
    if wrong_stat is not None:
        chosen = f"* REPLACE ({_misplaced(press, rows, wrong_stat)})"
    # The corrected box arrives on a morning that has its own box: both need a name.
    name = f"nba/daily/{morning}/{table}_{season.name}_{day}"
    press.print(name, f"SELECT {chosen} {rows} ORDER BY rowid", f"{morning}{MORNING}")


def _misplaced(press: Press, rows: str, stat: str) -> str:
    """Expressions that take one from the day's best man in `stat` and give it to a team-mate, the fantasy points with it."""
    ((game, giver, team),) = press.rows(f"SELECT GAME_ID, PLAYER_ID, TEAM_ID {rows} ORDER BY {stat} DESC, PLAYER_ID LIMIT 1")
    (taker,) = press.rows(f"SELECT min(PLAYER_ID) {rows} AND GAME_ID = '{game}' AND TEAM_ID = {team} AND PLAYER_ID <> {giver} AND MIN > 20")
    shift = f"(CASE PLAYER_ID WHEN {giver} THEN -1 WHEN {taker[0]} THEN 1 ELSE 0 END)"
    worth = {"AST": 1.5, "STL": 3.0}[stat]
    return f"({stat} + {shift})::BIGINT AS {stat}, round(FANTASY_PTS + {worth} * {shift}, 1)::DOUBLE AS FANTASY_PTS"


def _print_schedule(press: Press, season: Season, morning: date) -> None:
    before = f"DATE '{morning}'"
    moved = f"(first_day <> game_day AND first_day::DATE >= {before})"
    status = f"CASE WHEN NOT {moved} AND game_day::DATE < {before} THEN 3 ELSE 1 END"
    known = f"substr(game_id, 3, 1) IN ('1', '2', '3') OR game_day::DATE - {ANNOUNCED_DAYS} < {before}"
    day, clock = (
        f"(CASE WHEN {moved} THEN first_{name} ELSE {final} END)" for name, final in (("day", "game_day"), ("tip_eastern", "tip_eastern"))
    )
    press.print(f"nba/daily/{morning}/schedule_{season.name}", old_shape(day, clock, status, known), f"{morning}{MORNING}")
