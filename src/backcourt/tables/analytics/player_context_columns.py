"""The columns of upcoming_player_game_context, by subject, as lines of its last select.

They name the query's relations: `slate`, `form` (player_form), `own` and `opponent` (the two teams' context rows), `latest` (the player's
history as it stands after his last appearance), `presence` (his part in the team's games), `prices` (prop lines), `runs` and `players`.
"""

from __future__ import annotations

from backcourt.tables.analytics.conventions import column, days_between, reason, reason_from
from backcourt.tables.analytics.market_lines import prop_line_columns

_UNRESOLVED = ("slate.team_id is null", "team_unresolved")
_LINE = "prices.points_current"
_NO_LINE = (f"{_LINE} is null", "no_capture_before_cutoff")
_THIS_SEASON = "latest.season = slate.season"
_NOT_YET = (f"coalesce({_THIS_SEASON}, false) = false", "first_game_of_season")
_REST = f"case when {_THIS_SEASON} then {days_between('slate.last_appearance_date', 'slate.game_date')} - 1 end"


def _copied(source: str, kind: str, name: str, meaning: str, group: str, *, original: str = "") -> str:
    return column(f"{source}.{original or name}", kind, name, meaning, group)


def _of_team(source: str, group: str) -> str:
    return f"case when slate.team_id is null then 'team_unresolved' else {source}.{group}_null_reason end"


def presence_columns() -> list[str]:
    """Last appearance, and how often he was there when the team played."""
    return [
        _copied("slate", "date", "last_appearance_date", "his latest appearance of this or the previous season", "last_appearance"),
        _copied("slate", "bigint", "play_days_since_appearance", "days since then without the off-season", "last_appearance"),
        reason("last_appearance", ("slate.last_appearance_date is null", "no_games_in_window")),
        column(
            "presence.missed_games", "bigint", "team_games_missed_streak", "the team's games since his last appearance", "missed_streak"
        ),
        reason("missed_streak", _UNRESOLVED),
        column(
            "presence.games_found / nullif(presence.team_games_last10, 0)::double",
            "double",
            "appearance_rate_last10_team_games",
            "share of the team's last 10 games of the season with an appearance for it",
            "appearance_rate",
        ),
        reason("appearance_rate", _UNRESOLVED, ("presence.team_games_last10 = 0", "no_games_in_window")),
        column(
            "presence.games_expected",
            "bigint",
            "games_expected_last10",
            "the team's games, at most 10, since his first of the season",
            "games_window",
        ),
        column(
            "presence.games_found_since",
            "bigint",
            "games_found_last10",
            "his appearances for the team in the games expected",
            "games_window",
        ),
        reason("games_window", _UNRESOLVED),
    ]


def load_columns() -> list[str]:
    """Rest and load, his own and the teams'."""
    return [
        column(_REST, "bigint", "rest_days", "full days off since his last appearance of the season", "rest"),
        column(f"{_REST} = 0", "boolean", "is_back_to_back", "he played yesterday", "rest"),
        reason("rest", _NOT_YET),
        column(
            f"case when {_THIS_SEASON} then latest.rest_before end",
            "bigint",
            "previous_rest_days",
            "full days off before that appearance",
            "previous_rest",
        ),
        reason("previous_rest", _NOT_YET, ("latest.rest_before is null", "below_min_n")),
        column(
            f"case when {_THIS_SEASON} and {_REST} < 2 then {days_between('latest.rested_on', 'slate.game_date')} else 0 end",
            "bigint",
            "days_since_rest2",
            "days since the appearance after the last 2 or more full days off; 0 = this game; the first one follows the off-season",
        ),
        _copied("own", "bigint", "team_rest_days", "the team's full days off", "team_rest", original="rest_days"),
        reason("team_rest", _UNRESOLVED, ("own.rest_days is null", "first_game_of_season")),
        _copied("own", "bigint", "opponent_rest_days", "the opponent's full days off", "opponent_rest"),
        _copied("own", "bigint", "rest_advantage", "the team's less the opponent's", "opponent_rest"),
        reason("opponent_rest", _UNRESOLVED, ("own.rest_advantage is null", "first_game_of_season")),
        column("form.games_last7d", "bigint", "games_last7d", "appearances in the last 7 days"),
        column("form.games_last14d", "bigint", "games_last14d", "appearances in the last 14 days"),
        column(
            "form.back_to_backs_last14d", "bigint", "back_to_backs_last14d", "pairs of appearances on consecutive days in the last 14 days"
        ),
        _copied("form", "double", "minutes_sum_last7d", "minutes in the last 7 days", "load"),
        _copied("form", "double", "minutes_sum_last14d", "minutes in the last 14 days", "load"),
        reason_from("load", "form.load_null_reason"),
        _copied("form", "double", "minutes_mean_last7d", "minutes per appearance in the last 7 days", "recent_minutes"),
        reason_from("recent_minutes", "form.recent_minutes_null_reason"),
        _copied("form", "double", "usage_rate_last7d", "usage rate (F5) in the last 7 days", "recent_usage"),
        reason_from("recent_usage", "form.recent_usage_null_reason"),
    ]


def tenure_columns() -> list[str]:
    """How long he has been with the team and back on the court."""
    since_change = f"case when {_THIS_SEASON} then latest.games_since_change else latest.games_since_change_in_season end"
    has_changed = f"case when {_THIS_SEASON} then latest.has_changed else latest.has_changed_in_season end"
    return [
        column(
            f"case when slate.team_id is not null then case when {_THIS_SEASON} then latest.games_with_team else 0 end end",
            "bigint",
            "games_with_team_season",
            "appearances for the team this season",
            "tenure",
        ),
        column(
            f"case when slate.team_id is not null then case when {since_change} > 30 then 30 else {since_change} end end",
            "bigint",
            "games_since_team_change",
            "appearances of this and the previous season since he last changed team, at most 30",
            "tenure",
        ),
        column(
            f"case when slate.team_id is not null then {since_change} < 10 and {has_changed} end",
            "boolean",
            "is_new_team",
            "fewer than 10 of them, and an earlier team is known",
            "tenure",
        ),
        reason("tenure", _UNRESOLVED),
        column(
            f"case when {_THIS_SEASON} and {days_between('slate.last_appearance_date', 'slate.game_date')} <= 14"
            " then case when latest.games_since_absence > 30 then 30 else latest.games_since_absence end else 0 end",
            "bigint",
            "games_since_absence",
            "appearances of the season since he last missed more than 14 days, at most 30; 0 = comes back with this game",
        ),
    ]


def form_columns() -> list[str]:
    """His recent scoring and what the opponent allows."""
    lines = [
        _copied("form", "double", "points_mean_last5", "points per appearance, last 5", "form"),
        _copied("form", "double", "points_mean_last10", "points per appearance, last 10", "form"),
        reason_from("form", "form.form_null_reason"),
        column("form.games_last5", "bigint", "games_last5", "appearances in the window: at most 5"),
        column("form.games_last10", "bigint", "games_last10", "appearances in the window: at most 10"),
    ]
    for name, meaning in (
        ("pace_mean_last10", "the opponent's possessions per 48 minutes, last 10 games"),
        ("defensive_rating_mean_last10", "the opponent's points allowed per 100 possessions, last 10 games"),
        ("offensive_rating_mean_last10", "the opponent's points per 100 possessions, last 10 games"),
        ("ft_attempt_rate_allowed_last10", "free-throw attempts per field-goal attempt against the opponent, last 10 games"),
        ("defensive_rebound_rate_last10", "share of misses that the opponent rebounds, last 10 games"),
    ):
        lines.append(_copied("opponent", "double", f"opponent_{name}", meaning, "opponent", original=name))
    lines += [
        _copied("opponent", "bigint", "opponent_games_last10", "results found in these windows", "opponent", original="games_last10"),
        reason("opponent", _UNRESOLVED, ("opponent.pace_mean_last10 is null", "no_games_in_window")),
    ]
    for name in ("pace", "defensive_rating", "offensive_rating"):
        lines.append(
            _copied(
                "opponent", "double", f"opponent_{name}_sd_last10", f"sample sd of the opponent's {name}, n >= 3", "opponent_sd",
                original=f"{name}_sd_last10",
            )
        )  # fmt: skip
    lines += [
        reason_from("opponent_sd", _of_team("opponent", "form_sd")),
        column(
            "opponent.pace_shrunk - own.pace_shrunk",
            "double",
            "pace_gap",
            "the opponent's pace_shrunk less the team's; positive = faster",
            "pace_gap",
        ),
        reason("pace_gap", _UNRESOLVED, ("own.pace_shrunk is null or opponent.pace_shrunk is null", "below_min_n")),
    ]
    return lines


def market_columns() -> list[str]:
    """Prop lines, his results against them, and the game's lines from his team's view."""
    return [
        *prop_line_columns("prices"),
        *_line_gap_columns(),
        *_line_result_columns(),
        *_late_change_columns(),
        *_line_streak_columns(),
        *_game_line_columns(),
    ]


def _line_gap_columns() -> list[str]:
    """The points line beside his means and his last line."""
    days_ago = days_between("slate.last_appearance_date", "slate.game_date")
    return [
        column(f"{_LINE} - form.points_mean_shrunk", "double", "line_vs_shrunk", "points line less points_mean_shrunk", "line_vs_shrunk"),
        reason("line_vs_shrunk", _NO_LINE),
        column(f"{_LINE} - form.points_mean_last5", "double", "line_vs_last5", "points line less points_mean_last5", "line_vs_last5"),
        reason("line_vs_last5", _NO_LINE, ("form.points_mean_last5 is null", "no_games_in_window")),
        column(
            f"case when {days_ago} <= 14 then {_LINE} - latest.points_line_closing end",
            "double",
            "line_delta_previous_game",
            "points line less the closing one of his last appearance, if that is at most 14 days ago",
            "line_delta",
        ),
        reason(
            "line_delta",
            _NO_LINE,
            (f"coalesce({days_ago} > 14, true)", "no_games_in_window"),
            ("latest.points_line_closing is null", "no_source"),
        ),
    ]


def _line_result_columns() -> list[str]:
    """His results against the closing lines of his last appearances."""
    return [
        column(
            f"case when {_THIS_SEASON} then latest.lines_last5 else 0 end",
            "bigint",
            "games_with_line_last5",
            "of his last 5 appearances of the season, those that had a closing points line",
        ),
        column(
            f"case when {_THIS_SEASON} then latest.lines_last10 else 0 end",
            "bigint",
            "games_with_line_last10",
            "of his last 10 appearances of the season, those that had a closing points line",
        ),
        column(
            f"case when {_THIS_SEASON} and latest.lines_last10 >= 5"
            " then latest.overs_last10 / nullif(latest.overs_last10 + latest.unders_last10, 0)::double end",
            "double",
            "over_rate_last10",
            "share of these, pushes left out, with more points than the line, n >= 5",
            "over_rate",
        ),
        reason(
            "over_rate",
            _NOT_YET,
            ("latest.lines_last10 < 5", "below_min_n"),
            ("latest.overs_last10 + latest.unders_last10 = 0", "zero_denominator"),
        ),
        column(
            f"case when {_THIS_SEASON} and latest.lines_last5 >= 3 then latest.margins_last5::double / nullif(latest.lines_last5, 0) end",
            "double",
            "margin_vs_line_mean_last5",
            "points less closing line, mean over games_with_line_last5, n >= 3",
            "line_margin",
        ),
        reason("line_margin", _NOT_YET, ("latest.lines_last5 < 3", "below_min_n")),
    ]


def _late_change_columns() -> list[str]:
    return [
        column(
            "prices.points_late_changes",
            "bigint",
            "points_line_late_changes",
            "captures of the last 240 minutes in which a book's points line differs from its capture before",
            "late_changes",
        ),
        reason("late_changes", _NO_LINE, ("prices.points_late_changes is null", "below_min_n")),
    ]


def _line_streak_columns() -> list[str]:
    return [
        column(
            f"case when {_LINE} is not null then coalesce(runs.over_streak, 0) end",
            "bigint",
            "points_over_streak",
            "latest consecutive appearances of the season above today's points line, pushes skipped",
            "line_streak",
        ),
        column(
            f"case when {_LINE} is not null then coalesce(runs.under_streak, 0) end",
            "bigint",
            "points_under_streak",
            "latest consecutive appearances of the season below today's points line, pushes skipped",
            "line_streak",
        ),
        reason("line_streak", _NO_LINE),
    ]


def _game_line_columns() -> list[str]:
    """The game's spread and total from his team's view."""
    lines = []
    for market in ("spread", "total"):
        lines += [
            _copied("own", "double", f"{market}_current", "the game's line from his team's view", market),
            reason_from(market, _of_team("own", market)),
            _copied("own", "double", f"{market}_movement", "median over books of last less first quote", f"{market}_movement"),
            reason_from(f"{market}_movement", _of_team("own", f"{market}_movement")),
        ]
    return [
        *lines,
        _copied("own", "double", "implied_team_total", "total / 2 - spread / 2", "implied_total"),
        reason_from("implied_total", _of_team("own", "implied_total")),
    ]


def person_columns() -> list[str]:
    """What is known of the person, and what needs a source that is not there."""
    report = (
        ("injury_status", "varchar", "status in the latest report"), ("injury_status_code", "bigint", "available 0 to out 4"),
        ("injury_reason_category", "varchar", "injury, illness, rest, ..."), ("injury_published_at", "timestamp", "UTC time of the report"),
        ("star_teammates_out", "bigint", "stars among the team-mates listed out"),
        ("star_teammates_questionable", "bigint", "stars among the team-mates listed questionable"),
        ("teammates_questionable", "bigint", "team-mates listed questionable"),
        ("teammates_probable", "bigint", "team-mates listed probable"),
        ("vacated_usage_share", "double", "usage that team-mates out or doubtful leave"),
    )  # fmt: skip
    return [
        *(column("null", kind, name, f"{meaning}: needs an injury report", "injuries") for name, kind, meaning in report),
        reason("injuries", ("true", "no_source")),
        column("null", "double", "player_age_years", "age on the date: needs birth dates", "age"),
        reason("age", ("true", "no_source")),
        column("players.position_group", "varchar", "position_group", "guard, forward or center", "position"),
        reason("position", ("players.position_group is null", "no_source")),
        column("players.height_inches", "bigint", "height_inches", "height in inches", "height"),
        reason("height", ("players.height_inches is null", "no_source")),
    ]


def schedule_columns() -> list[str]:
    """Where the game stands in the team's season."""
    return [
        _copied("own", "varchar", "season_stage", "regular_early, regular_mid, regular_late, play_in, playoffs or cup_final", "team"),
        _copied("own", "bigint", "consecutive_road_games", "the team's road games in a row, with this one; 0 at home", "team"),
        column("null", "double", "travel_miles", "miles from the venue of the team's last game: needs arena coordinates", "travel"),
        column("null", "bigint", "time_zones_crossed", "time zones crossed, east positive: needs arena coordinates", "travel"),
        reason("travel", ("true", "no_source")),
        _copied(
            "own",
            "bigint",
            "next_game_rest_days",
            "the team's full days off until its next regular game, by the final schedule",
            "next_game",
        ),
        reason_from("next_game", _of_team("own", "next_game")),
    ]
