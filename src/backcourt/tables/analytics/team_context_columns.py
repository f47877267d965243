"""The columns of upcoming_team_game_context, as lines of its last select.

They name the query's relations: `own` and `opponent` (the two teams' rated games), `games` (the schedule) and `lines` (the market).
"""

from __future__ import annotations

from backcourt.tables.analytics.conventions import column, days_between, reason
from backcourt.tables.analytics.shrinkage import TEAM_PRIOR_GAMES
from backcourt.tables.analytics.windows import pooled, sample_sd

SCHEDULE_DAYS_AHEAD = 14
RATED = tuple(TEAM_PRIOR_GAMES)
MEANED = ("pace", "offensive_rating", "defensive_rating", "net_rating")
SPREAD_OUT = ("pace", "offensive_rating", "defensive_rating")


def _from_view(value: str) -> str:
    return f"case when own.is_home then {value} else 0 - {value} end"


def form_columns() -> list[str]:
    """Results, ratings and their shrunk versions."""
    return [*_recent_columns(), *_record_columns(), *_spread_columns(), *_shrunk_columns()]


def _recent_columns() -> list[str]:
    """Means and pooled rates of the last 10 games; `_record_columns` goes on in their null group."""
    per_game = "per 48 minutes", "points per 100 possessions"
    lines = [
        column("coalesce(own.found_last10, 0)", "bigint", "games_last10", "results found among the team's last 10 games of the season"),
        column("coalesce(own.found_season, 0)", "bigint", "games_season", "results found of the season before the game"),
    ]
    for name in (*MEANED, "points"):
        unit = per_game[0] if name == "pace" else "points" if name == "points" else per_game[1]
        lines.append(pooled(f"own.{name}_last10", "own.found_last10", f"{name}_mean_last10", f"{unit}, mean of the last 10 games", "form"))
    return [
        *lines,
        pooled(
            "own.blowouts_last10",
            "own.found_last10",
            "blowout_rate_last10",
            "share of the last 10 games with a margin of 15 or more",
            "form",
        ),
        pooled(
            "own.opponent_ft_attempts_last10",
            "own.opponent_fg_attempts_last10",
            "ft_attempt_rate_allowed_last10",
            "opponents' free-throw attempts per field-goal attempt, last 10 pooled",
            "form",
        ),
        pooled(
            "own.defensive_rebounds_last10",
            "own.defensive_rebounds_last10 + own.opponent_offensive_rebounds_last10",
            "defensive_rebound_rate_last10",
            "share of opponents' misses rebounded, last 10 pooled",
            "form",
        ),
        pooled(
            "own.turnovers_forced_last10",
            "own.possessions_last10",
            "turnover_forced_rate_last10",
            "opponents' turnovers per possession, last 10 pooled",
            "form",
        ),
        pooled(
            "own.turnovers_last10", "own.possessions_last10", "turnover_rate_last10", "turnovers per possession, last 10 pooled", "form"
        ),
    ]


def _record_columns() -> list[str]:
    """Wins and losses of the season and in the last game."""
    return [
        column("case when own.found_season > 0 then own.wins_season end", "bigint", "wins_season", "wins of the season", "form"),
        column(
            "case when own.found_season > 0 then own.found_season - own.wins_season end",
            "bigint",
            "losses_season",
            "losses of the season",
            "form",
        ),
        pooled("own.wins_season", "own.found_season", "win_rate_season", "wins per game of the season", "form"),
        column(
            "case when coalesce(own.last_win, 0) > coalesce(own.last_loss, 0) then own.last_win - coalesce(own.last_loss, 0)"
            " when own.last_loss is not null then coalesce(own.last_win, 0) - own.last_loss end",
            "bigint",
            "streak",
            "consecutive wins (+) or losses (-) up to the last game",
            "form",
        ),
        reason("form", ("coalesce(own.found_last10, 0) = 0", "no_games_in_window")),
        column("own.last_margin", "bigint", "last_game_margin", "own less opponent's points in the team's last game", "last_game"),
        column("own.last_is_win", "boolean", "last_game_is_win", "was it won", "last_game"),
        reason("last_game", ("own.previous_date is null", "first_game_of_season"), ("own.last_margin is null", "game_not_final")),
    ]


def _spread_columns() -> list[str]:
    """How much the ratings of the last 10 games differ."""
    lines = []
    for name in SPREAD_OUT:
        n = "own.found_last10"
        value = sample_sd(n, f"own.{name}_scaled_last10", f"own.{name}_scaled_squared_last10", 3)
        lines.append(
            column(
                f"{value} / 1000000.0",
                "double",
                f"{name}_sd_last10",
                f"sample standard deviation of {name}, last 10 games, n >= 3",
                "form_sd",
            )
        )
    return [
        *lines,
        reason("form_sd", ("coalesce(own.found_last10, 0) = 0", "no_games_in_window"), ("own.found_last10 < 3", "below_min_n")),
    ]


def _shrunk_columns() -> list[str]:
    """The team's shrunk ratings and what follows from both teams'."""
    return [
        *(
            column(
                f"own.{name}_shrunk",
                "double",
                f"{name}_shrunk",
                f"season mean of {name} drawn to last season's league and team (F10)",
                "shrunk",
            )
            for name in RATED
        ),
        column(
            "own.offensive_rating_shrunk - own.defensive_rating_shrunk",
            "double",
            "net_rating_shrunk",
            "offensive less defensive rating, shrunk",
            "shrunk",
        ),
        column(
            "own.offensive_rating_shrunk - own.defensive_rating_shrunk"
            " - (opponent.offensive_rating_shrunk - opponent.defensive_rating_shrunk)",
            "double",
            "net_rating_gap",
            "own less opponent's net_rating_shrunk",
            "shrunk",
        ),
        column(
            "own.pace_shrunk + opponent.pace_shrunk - own.league_pace",
            "double",
            "expected_pace",
            "own plus opponent's pace_shrunk less the league baseline (F11)",
            "shrunk",
        ),
        column("own.league_pace", "double", "league_pace", "the league's pace to date (F11)", "shrunk"),
        column(
            "own.league_defensive_rating",
            "double",
            "league_defensive_rating",
            "the league's points per 100 possessions to date (F11)",
            "shrunk",
        ),
        reason("shrunk", ("own.pace_shrunk is null", "below_min_n")),
    ]


def schedule_columns() -> list[str]:
    """Where the game stands in the season, rest: what the schedule says."""
    return [*_stage_columns(), *_rest_columns(), *_density_columns(), *_next_game_columns()]


def _stage_columns() -> list[str]:
    stage = (
        "case when own.season_type <> 'regular' then own.season_type when own.game_number <= 20 then 'regular_early'"
        " when own.game_number <= 62 then 'regular_mid' else 'regular_late' end"
    )
    return [
        column(
            stage,
            "varchar",
            "season_stage",
            "regular_early (team game 1-20), regular_mid (21-62), regular_late, play_in, playoffs or cup_final",
        ),
        column("own.game_number", "bigint", "game_number_season", "running number of the team's real games of the season"),
        column(
            "case when own.game_number > 82 then 1.0 else own.game_number / 82.0 end",
            "double",
            "season_progress",
            "game number / 82, at most 1",
        ),
        column(
            days_between("own.opened_on", "own.game_date"),
            "bigint",
            "days_since_opening",
            "days since the league's first game of the season",
        ),
        column("own.season_type = 'playoffs'", "boolean", "is_playoffs", "a playoff game"),
        column("own.season_type = 'play_in'", "boolean", "is_play_in", "a play-in game"),
        column("games.is_cup_game", "boolean", "is_cup_game", "a game of the in-season cup", "cup"),
        reason("cup", ("games.is_cup_game is null", "no_source")),
        column("games.playoff_round", "bigint", "playoff_round", "1 to 4", "playoffs"),
        column("games.series_game_number", "bigint", "series_game_number", "1 to 7", "playoffs"),
        reason("playoffs", ("games.playoff_round is null or games.series_game_number is null", "not_applicable")),
    ]


def _rest_columns() -> list[str]:
    return [
        column("own.rest_days", "bigint", "rest_days", "full days off since the team's last game", "rest"),
        column("own.rest_days = 0", "boolean", "is_back_to_back", "played yesterday", "rest"),
        reason("rest", ("own.rest_days is null", "first_game_of_season")),
        column("opponent.rest_days", "bigint", "opponent_rest_days", "the opponent's full days off", "opponent_rest"),
        column("own.rest_days - opponent.rest_days", "bigint", "rest_advantage", "own less opponent's rest_days", "opponent_rest"),
        reason("opponent_rest", ("own.rest_days is null or opponent.rest_days is null", "first_game_of_season")),
    ]


def _density_columns() -> list[str]:
    """How close together the team's games lie, and how many of them were in a row at one kind of venue."""
    return [
        column("coalesce(own.games_last7d, 0)", "bigint", "games_last7d", "real games in the last 7 days"),
        column("coalesce(own.games_last14d, 0)", "bigint", "games_last14d", "real games in the last 14 days"),
        column(
            "coalesce(own.back_to_backs_last14d, 0)",
            "bigint",
            "back_to_backs_last14d",
            "pairs of games on consecutive days in the last 14 days",
        ),
        column("coalesce(own.games_last3d, 0) >= 2", "boolean", "is_third_in_four_nights", "at least 2 games in the 3 days before"),
        column(
            days_between("own.rested_on", "own.game_date"),
            "bigint",
            "days_since_rest2",
            "days since the game after the last 2 or more full days off; 0 = this one; the opener follows the off-season",
        ),
        column(
            "own.game_number - coalesce(own.last_home_number, 0)",
            "bigint",
            "consecutive_road_games",
            "road games in a row, with this one; 0 at home",
        ),
        column(
            "own.game_number - coalesce(own.last_road_number, 0)",
            "bigint",
            "consecutive_home_games",
            "home games in a row, with this one; 0 on the road",
        ),
    ]


def _next_game_columns() -> list[str]:
    ahead_known = "own.season_type in ('regular', 'cup_final')"
    return [
        column(
            f"case when {ahead_known} then {days_between('own.game_date', 'own.next_date')} - 1 end",
            "bigint",
            "next_game_rest_days",
            f"full days off until the next regular game (no cup knock-out) within {SCHEDULE_DAYS_AHEAD} days, by the final schedule",
            "next_game",
        ),
        reason("next_game", (f"not {ahead_known}", "not_applicable"), ("own.next_date is null", "no_games_in_window")),
        column(
            f"case when {ahead_known} then own.games_next7d end",
            "bigint",
            "games_next7d",
            "regular games (no cup knock-out) in the next 7 days, by the final schedule",
            "next_games",
        ),
        reason("next_games", (f"not {ahead_known}", "not_applicable")),
    ]


def line_columns() -> list[str]:
    """Spread and total from the team's view."""
    lines = []
    for market in ("spread", "total"):
        view = _from_view if market == "spread" else (lambda value: value)
        meaning = "points, negative = this team is favoured" if market == "spread" else "points of both teams"
        lines.append(
            column(
                view(f"lines.{market}_current"),
                "double",
                f"{market}_current",
                f"{meaning}: median over books of the last readable quote",
                market,
            )
        )
        lines.append(
            column(view(f"lines.{market}_opening"), "double", f"{market}_opening", "the same over each book's first readable quote", market)
        )
        if market == "spread":
            lines.append(column("abs(lines.spread_current)", "double", "spread_abs", "size of the spread in points", market))
        lines.append(reason(market, (f"lines.{market}_current is null", "no_capture_before_cutoff")))
        group = f"{market}_movement"
        lines.append(
            column(
                view(f"lines.{market}_movement"),
                "double",
                group,
                "median over books of last less first quote, books with 2 or more",
                group,
            )
        )
        lines.append(
            reason(
                group, (f"lines.{market}_current is null", "no_capture_before_cutoff"), (f"lines.{market}_movement is null", "below_min_n")
            )
        )
    lines += [
        column(
            f"(lines.total_current - ({_from_view('lines.spread_current')})) / 2.0",
            "double",
            "implied_team_total",
            "total / 2 - spread / 2",
            "implied_total",
        ),
        reason("implied_total", ("lines.total_current is null or lines.spread_current is null", "no_capture_before_cutoff")),
        column("coalesce(lines.books_n, 0)", "bigint", "game_lines_books_n", "books behind the spread, or the total where more quote it"),
        column("lines.captured_at", "timestamp", "game_lines_captured_at", "UTC time of the newest of these quotes", "game_lines"),
        reason("game_lines", ("lines.captured_at is null", "no_capture_before_cutoff")),
    ]
    return lines


def unavailable_columns() -> list[str]:
    """What needs a source that is not there."""
    report = (
        ("players_out_count", "bigint", "players listed out"),
        ("starters_out_count", "bigint", "starters listed out"),
        ("stars_out_count", "bigint", "stars listed out"),
        ("questionable_count", "bigint", "players listed questionable"),
        ("probable_count", "bigint", "players listed probable"),
        ("vacated_usage_share", "double", "usage_shrunk * minutes_shrunk / 48 of the players out or doubtful"),
        ("vacated_points", "double", "points_mean_shrunk of these"),
        ("vacated_minutes", "double", "minutes_mean_shrunk of these"),
    )
    travel = (
        ("travel_miles", "double", "miles from the venue of the last game"),
        ("time_zones_crossed", "bigint", "time zones crossed, east positive"),
        ("travel_miles_last14d", "double", "miles in the last 14 days"),
    )
    lines = [column("null", kind, name, f"{meaning}: needs an injury report", "injuries") for name, kind, meaning in report]
    lines.append(reason("injuries", ("true", "no_source")))
    lines += [column("null", kind, name, f"{meaning}: needs arena coordinates", "travel") for name, kind, meaning in travel]
    return [*lines, reason("travel", ("true", "no_source"))]
