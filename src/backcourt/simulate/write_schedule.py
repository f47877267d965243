"""The two public shapes of a schedule file, an earlier version of it, and the All-Star exhibition that both contain."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backcourt.simulate.schedule import ALL_STAR_DAY, opening_date

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.parquet import Press
    from backcourt.simulate.season import Season

EAST_STARS, WEST_STARS = 1610616833, 1610616834
STAR_NAMES = {EAST_STARS: ("EST", "East NBA All Stars East"), WEST_STARS: ("WST", "West NBA All Stars West")}


def prepare(press: Press, season: Season, rng: np.random.Generator, with_all_star: bool) -> list[tuple[object, ...]]:
    """Make `listing`, every scheduled game with both sides' ids, names and scores; returns the All-Star rows for the team box."""
    press.rows(
        """CREATE OR REPLACE TABLE listing AS
        SELECT g.*, h.team_id AS home_id, h.tricode AS home_code, h.city AS home_city, h.nickname AS home_nickname,
               a.team_id AS away_id, a.tricode AS away_code, a.city AS away_city, a.nickname AS away_nickname
        FROM games g JOIN teams h ON h.team = g.home JOIN teams a ON a.team = g.away"""
    )
    if not with_all_star:
        return []
    return _all_star(press, season, rng)


def _all_star(press: Press, season: Season, rng: np.random.Generator) -> list[tuple[object, ...]]:
    day = opening_date(season.start_year) + timedelta(days=ALL_STAR_DAY)
    game_id = f"003{season.start_year % 100:02d}00001"
    threes = [int(value) for value in rng.integers(25, 40, 2)]
    twos = [int(value) for value in rng.integers(45, 60, 2)]
    twos[1] += int(3 * threes[0] + 2 * twos[0] == 3 * threes[1] + 2 * twos[1])
    points = [3 * three + 2 * two for three, two in zip(threes, twos, strict=True)]
    press.rows(
        """INSERT INTO listing BY NAME SELECT * REPLACE (?::VARCHAR AS game_id, ?::VARCHAR AS game_day, ?::VARCHAR AS first_day,
            ?::TIMESTAMP AS tip_at, ?::TIMESTAMP AS tip_eastern, ?::TIMESTAMP AS first_tip_at, ?::TIMESTAMP AS first_tip_eastern,
            ? AS day, 'All-Star Game' AS label, '' AS sub_label, '' AS subtype, '' AS series_text, FALSE AS is_neutral, 4 AS periods,
            ? AS home_id, ? AS away_id, 'EST' AS home_code, 'WST' AS away_code, 'East' AS home_city, 'West' AS away_city,
            'NBA All Stars East' AS home_nickname, 'NBA All Stars West' AS away_nickname, ? AS home_points, ? AS away_points)
        FROM listing WHERE number = 0""",
        [game_id, *[day.isoformat()] * 2, *[f"{day + timedelta(days=1)} 01:00:00", f"{day} 20:00:00"] * 2,
         ALL_STAR_DAY, EAST_STARS, WEST_STARS, *points],
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for side, team_id in enumerate((EAST_STARS, WEST_STARS)):
        made, three_attempts = threes[side] + twos[side], threes[side] * 2 + 5
        attempts = twos[side] + 20 + three_attempts
        margin = points[side] - points[1 - side]
        code, name = STAR_NAMES[team_id]
        rows.append((
            f"3{season.start_year}", team_id, code, name, game_id, day, "EST vs. WST" if side == 0 else "WST @ EST",
            "W" if margin > 0 else "L",
            240, points[side], made, attempts, round(made / attempts, 3), threes[side], three_attempts,
            round(threes[side] / three_attempts, 3),
            0, 0, None, 14, 36, 50, 40, 8, 2, 12, 4, float(margin), season.name,
        ))  # fmt: skip
    return rows


def write_old_shape(press: Press, season: Season) -> None:
    """`schedule_<season>` as data.nba.com's mobile schedule: Eastern wall times without offset, scores as DOUBLE."""
    press.print(f"nba/schedule_{season.name}", old_shape("game_day", "tip_eastern", "3"))


def write_earlier_version(press: Press, season: Season) -> None:
    """`schedule_asof_<date>_<season>`: what was known on the eve of the postponed game, with its capture time beside the file."""
    ((first_day,),) = press.rows("SELECT min(first_day::DATE) FROM listing WHERE first_day <> game_day")
    if first_day is None:
        return
    eve = first_day - timedelta(days=1)
    known = "substr(game_id, 3, 1) IN ('1', '2')"
    query = old_shape("first_day", "first_tip_eastern", f"CASE WHEN first_day <= '{eve}' THEN 3 ELSE 1 END", known)
    captured_at = f"{eve + timedelta(days=1)}T05:00:00Z"
    press.print(f"nba/schedule_asof_{eve}_{season.name}", query, captured_at)


def old_shape(day: str, clock: str, status: str, where: str = "TRUE") -> str:
    """The ordered query of the mobile shape over `listing`, with expressions for date, Eastern clock and status (3 = final).

    Scores and series standings are shown only for final games.
    """
    is_final = f"({status}) = 3"
    return f"""SELECT game_id AS gid, strftime({day}::DATE, '%Y%m%d') || '/' || away_code || home_code AS gcode, {day} AS etdate,
        strftime({clock}, '%H:%M:%S') AS ettime,
        CASE WHEN substr(game_id, 3, 1) = '4' AND {is_final} THEN series_text END AS seri, arena AS an, arena_city AS ac,
        ({status})::BIGINT AS st, CASE WHEN {is_final} THEN 'Final' ELSE strftime({clock}, '%-I:%M %p') || ' ET' END AS stt,
        home_id AS "h.tid", away_id AS "v.tid", home_code AS "h.ta", away_code AS "v.ta",
        CASE WHEN {is_final} THEN home_points::DOUBLE END AS "h.s", CASE WHEN {is_final} THEN away_points::DOUBLE END AS "v.s",
        substr(season, 3) AS seas FROM listing WHERE {where} ORDER BY game_id"""


def write_new_shape(press: Press, season: Season) -> None:
    """`schedule_<season>` as scheduleleaguev2: Eastern times that end in Z although they are not UTC, labels, neutral sites."""
    record = """SELECT game_id, team_id, sum(won) OVER w AS wins, sum(1 - won) OVER w AS losses FROM (
            SELECT game_id, home_id AS team_id, tip_at, (home_points > away_points)::INT AS won FROM listing
            UNION ALL SELECT game_id, away_id, tip_at, (away_points > home_points)::INT FROM listing)
        WINDOW w AS (PARTITION BY team_id, substr(game_id, 3, 1) ORDER BY tip_at, game_id)"""
    columns = ", ".join(
        f"""l.{side}_id AS "{side}Team.teamId", l.{side}_nickname AS "{side}Team.teamName", l.{side}_city AS "{side}Team.teamCity",
        l.{side}_code AS "{side}Team.teamTricode", lower(replace(l.{side}_nickname, ' ', '')) AS "{side}Team.teamSlug",
        {side}_record.wins::BIGINT AS "{side}Team.wins", {side}_record.losses::BIGINT AS "{side}Team.losses",
        l.{side}_points::BIGINT AS "{side}Team.score", 0::BIGINT AS "{side}Team.seed" """
        for side in ("home", "away")
    )
    zulu = "'%Y-%m-%dT%H:%M:%SZ'"
    week = "greatest(day // 7 + 1, 0)"
    press.print(
        f"nba/schedule_{season.name}",
        f"""WITH record AS ({record})
        SELECT strftime(game_day::DATE, '%m/%d/%Y') || ' 00:00:00' AS gameDate, l.game_id AS gameId,
            strftime(game_day::DATE, '%Y%m%d') || '/' || away_code || home_code AS gameCode, 3::BIGINT AS gameStatus,
            CASE periods WHEN 4 THEN 'Final' WHEN 5 THEN 'Final/OT' ELSE 'Final/OT' || (periods - 4) END AS gameStatusText,
            row_number() OVER (PARTITION BY game_day ORDER BY tip_at, l.game_id) AS gameSequence,
            game_day || 'T00:00:00Z' AS gameDateEst, strftime(tip_eastern, '1900-01-01T%H:%M:%SZ') AS gameTimeEst,
            strftime(tip_eastern, {zulu}) AS gameDateTimeEst,
            strftime(game_day::TIMESTAMP + (tip_at - tip_eastern), {zulu}) AS gameDateUTC,
            strftime(tip_at, '1900-01-01T%H:%M:%SZ') AS gameTimeUTC, strftime(tip_at, {zulu}) AS gameDateTimeUTC,
            strftime(tip_eastern - to_hours(hours_behind::INT), {zulu}) AS awayTeamTime,
            strftime(tip_eastern - to_hours(hours_behind::INT), {zulu}) AS homeTeamTime,
            strftime(game_day::DATE, '%a') AS day, month(game_day::DATE) AS monthNum, {week}::BIGINT AS weekNumber,
            CASE WHEN {week} > 0 AND substr(l.game_id, 3, 1) IN ('2', '4', '5') THEN 'Week ' || {week} ELSE '' END AS weekName,
            FALSE AS ifNecessary,
            CASE WHEN substr(l.game_id, 3, 1) = '4' THEN 'Game ' || substr(l.game_id, 10, 1) ELSE '' END AS seriesGameNumber,
            label AS gameLabel, sub_label AS gameSubLabel, replace(series_text, ' series ', ' ') AS seriesText, arena AS arenaName,
            arena_state AS arenaState, arena_city AS arenaCity, 'N' AS postponedStatus, subtype AS gameSubtype, is_neutral AS isNeutral,
            {columns}
        FROM listing l JOIN record home_record ON home_record.game_id = l.game_id AND home_record.team_id = l.home_id
        JOIN record away_record ON away_record.game_id = l.game_id AND away_record.team_id = l.away_id ORDER BY l.game_id""",
    )
