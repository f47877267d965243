"""The features: name, group, unit, range, window and the column each is copied from. Store, manifest and docs are derived from this list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from backcourt.tables.precompute.player_recency import HALF_LIVES
from backcourt.tables.precompute.positions import MARKETS, POSITION_GROUPS
from backcourt.tables.precompute.zones import ZONES

CACHE, CONTEXT, ZONES_OF_PLAYER, FACTORS, RECENCY = "cache", "context", "zones", "factors", "recency"
OWN, OPPONENT, OPPONENT_ZONES = "own", "opponent", "opponent_zones"
TABLES = {
    CACHE: "player_daily_cache",
    CONTEXT: "upcoming_player_game_context",
    ZONES_OF_PLAYER: "player_shot_zone_analysis",
    FACTORS: "player_composite_factors",
    RECENCY: "player_recency",
    OWN: "upcoming_team_game_context",
    OPPONENT: "upcoming_team_game_context",
    OPPONENT_ZONES: "team_defense_zone_analysis",
}
"""Alias in the store's query -> the table behind it. The last three have no row while a player's team is unresolved."""

SIDES = (OWN, OPPONENT, OPPONENT_ZONES)
BLIND, PROP_MARKET, GAME_MARKET = "market_blind", "prop_market", "game_market"


@dataclass(frozen=True)
class Feature:
    """One column of the store.

    `low` and `high` are validation bounds: a value outside becomes NULL `out_of_range`; None for booleans. `n` is the column that counts
    the games of its window, `comfort_n` the number below which the value says little. `source` is an alias of TABLES, `column` the name
    there. `version` rises with a change of definition.
    """

    name: str
    group: str
    unit: str
    low: float | None
    high: float | None
    source: str
    column: str
    window: str = ""
    n: str = ""
    comfort_n: int = 0
    when_available: bool = False
    version: int = 1

    @property
    def market(self) -> str:
        """market_blind, prop_market or game_market."""
        return self.group if self.group in (PROP_MARKET, GAME_MARKET) else BLIND


_N = {
    CACHE: {"last3": "games_last3", "last5": "games_last5", "last10": "games_last10", "last20": "games_last20", "season": "games_season"},
    ZONES_OF_PLAYER: {"last10": "zone_games_last10"},
    OWN: {"last10": "team_games_last10", "season": "team_games_season"},
    OPPONENT: {"last10": "opponent_games_last10", "season": "opponent_games_season"},
    OPPONENT_ZONES: {"season": "opponent_zone_games_season"},
}
_COMFORT = {"last3": 3, "last5": 5, "last10": 5, "last20": 10, "season": 5}
_WINDOWS = ("last3", "last5", "last10", "last20", "last7d", "last14d", "season", "365d")


def _features(
    group: str, source: str, unit: str, low: float | None, high: float | None, names: str, *, prefix: str = "", when_available: bool = False
) -> list[Feature]:
    """Features that share everything but the name; `prefix` (team_, opponent_) is put before the source column's name."""
    found = []
    for column in names.split():
        window = next((window for window in _WINDOWS if f"_{window}" in column), "season" if column.endswith("_shrunk") else "")
        n = _N.get(source, {}).get(window, "")
        found.append(
            Feature(prefix + column, group, unit, low, high, source, column, window, n, _COMFORT.get(window, 0) if n else 0, when_available)
        )
    return found


def _with_n(features: Iterable[Feature], n: str, comfort_n: int) -> list[Feature]:
    return [replace(feature, n=n, comfort_n=comfort_n) for feature in features]


def _scoring() -> list[Feature]:
    group = "scoring"
    return [
        *_features(group, CACHE, "points", 0, 75, "points_mean_last3 points_mean_last5 points_mean_last10 points_mean_season points_mean_shrunk"),
        *_features(group, CACHE, "points", 0, 30, "points_sd_last10"),
        *_features(group, CACHE, "points per game", -8, 8, "points_slope_last10"),
        *_features(group, CACHE, "no unit", -5, 5, "points_skew_last20"),
        *_features(group, CACHE, "standard deviations", -8, 8, "points_z_last3 points_z_last5"),
        *_with_n(_features(group, CACHE, "points", -50, 50, "points_delta_last2_vs_prior3"), "games_last5", 5),
        *_with_n(_features(group, CACHE, "games", 0, 40, "points_below_mean_streak"), "games_season", 5),
        *_with_n(_features(group, CACHE, "points", 0, 75, "points_mean_same_venue_season"), "games_same_venue_season", 5),
        Feature(
            "points_delta_vs_opponent_shrunk", group, "points", -8, 8, CACHE, "points_delta_vs_opponent_shrunk", "365d", "games_vs_opponent_365d", 1
        ),
        *_features(group, CACHE, "fraction", 0, 1, "ft_points_share_last10"),
        *_features(group, CACHE, "points per minute", 0, 3.5, "points_per_minute_last10 points_per_minute_season points_per_minute_shrunk"),
    ]  # fmt: skip


def _other_stats() -> list[Feature]:
    highs = {"rebounds": 30, "assists": 25, "threes": 14, "pra": 90}
    found = []
    for market, high in highs.items():
        names = " ".join(f"{market}_{figure}" for figure in ("mean_last5", "mean_last10", "mean_shrunk", "sd_last10"))
        found += _features("other_stats", CACHE, market, 0, high, names)
    return [*found, *_features("other_stats", CACHE, "per game", 0, 8, "steals_mean_last10 blocks_mean_last10 turnovers_mean_last10")]


def _minutes() -> list[Feature]:
    group = "minutes"
    means = " ".join(f"minutes_mean_{window}" for window in ("last3", "last5", "last10", "season", "shrunk"))
    return [
        *_features(group, CACHE, "minutes", 0, 58, means),
        *_features(group, CACHE, "minutes", 0, 25, "minutes_sd_last10"),
        *_features(group, CACHE, "minutes per game", -10, 10, "minutes_slope_last10"),
        *_features(group, CACHE, "fraction", -1, 5, "minutes_ratio_last5_season"),
        *_with_n(_features(group, CACHE, "rank", 1, 30, "minutes_rank_team"), "games_last10", 5),
    ]


def _role() -> list[Feature]:
    group = "role"
    return [
        *_features(group, CONTEXT, "fraction", 0, 1, "appearance_rate_last10_team_games"),
        *_features(group, CONTEXT, "games", 0, 40, "team_games_missed_streak"),
        *_features(group, CONTEXT, "days", 1, 400, "play_days_since_appearance"),
        *_features(group, CONTEXT, "games", 0, 110, "games_with_team_season"),
        *_features(group, CONTEXT, "games", 0, 30, "games_since_team_change games_since_absence"),
        *_features(group, CONTEXT, "0/1", None, None, "is_new_team"),
        *(Feature(f"is_{position}", group, "0/1", None, None, CONTEXT, "position_group") for position in POSITION_GROUPS),
        *_features(group, CONTEXT, "inches", 65, 90, "height_inches"),
        *_features(group, CONTEXT, "years", 18, 45, "player_age_years", when_available=True),
        *_features(group, CACHE, "fraction", 0, 1, "starter_rate_last10", when_available=True),
    ]


def _usage() -> list[Feature]:
    group = "usage"
    return [
        *_features(group, CACHE, "fraction", 0, 1.7, "usage_rate_last5 usage_rate_last10 usage_rate_season usage_rate_shrunk"),
        *_features(group, CACHE, "fraction", 0, 1.5, "ts_pct_last10 ts_pct_season efg_pct_last10 fg_pct_last5 three_pct_last5"),
        *_features(group, CACHE, "attempts", 0, 40, "fg_attempts_mean_last10 three_attempts_mean_last10 ft_attempts_mean_last10"),
        *_features(group, CACHE, "fraction", 0, 1, "three_attempt_rate_last10"),
        *_features(group, CACHE, "per field-goal attempt", 0, 8, "ft_attempt_rate_season"),
        *_features(group, CACHE, "fraction", 0, 2, "rebound_rate_last10"),
        *_features(group, CACHE, "fraction", 0, 1.5, "assist_rate_last10"),
    ]


def _shots() -> list[Feature]:
    group, source = "shots", ZONES_OF_PLAYER
    shares = " ".join(f"{zone}_share_last10" for zone in (*ZONES, "restricted_area", "corner_three"))
    return [
        *_with_n(_features(group, source, "fraction", 0, 1, shares), "zone_attempts_last10", 30),
        *_with_n(_features(group, source, "fraction", 0.2, 1, " ".join(f"{zone}_pct_shrunk" for zone in ZONES)), "", 0),
        *_with_n(_features(group, source, "fraction", 0.2, 1, "ft_pct_shrunk"), "", 0),
        *_features(group, source, "fraction", 0, 1, "self_creation_rate_last10", when_available=True),
    ]


def _load() -> list[Feature]:
    group = "load"
    return [
        *_features(group, CONTEXT, "days", 0, 200, "rest_days previous_rest_days"),
        *_features(group, CONTEXT, "days", 0, 20, "team_rest_days opponent_rest_days"),
        *_features(group, CONTEXT, "days", -20, 20, "rest_advantage"),
        *_features(group, CONTEXT, "0/1", None, None, "is_back_to_back"),
        *_features(group, OWN, "0/1", None, None, "is_back_to_back is_third_in_four_nights", prefix="team_"),
        *_features(group, OPPONENT, "0/1", None, None, "is_back_to_back", prefix="opponent_"),
        *_features(group, CONTEXT, "games", 0, 5, "games_last7d"),
        *_features(group, CONTEXT, "games", 0, 10, "games_last14d"),
        *_features(group, CONTEXT, "minutes", 0, 220, "minutes_sum_last7d"),
        *_features(group, CONTEXT, "minutes", 0, 420, "minutes_sum_last14d"),
        *_features(group, CONTEXT, "minutes", 0, 58, "minutes_mean_last7d"),
        *_features(group, CONTEXT, "pairs", 0, 5, "back_to_backs_last14d"),
        *_features(group, OWN, "games", 0, 5, "games_last7d", prefix="team_"),
        *_features(group, OWN, "games", 0, 10, "games_last14d", prefix="team_"),
        *_features(group, OWN, "games", 0, 15, "consecutive_road_games"),
        *_features(group, FACTORS, "score", 0, 100, "fatigue_score"),
        *_features(group, OWN, "days", 0, 12, "next_game_rest_days"),
        *_features(group, CONTEXT, "miles", 0, 6000, "travel_miles", when_available=True),
        *_features(group, CONTEXT, "zones", -9, 9, "time_zones_crossed", when_available=True),
    ]


def _opponent() -> list[Feature]:
    group, prefix = "opponent", "opponent_"
    return [
        *_features(group, OPPONENT, "per 100 possessions", 85, 140, "defensive_rating_mean_last10 defensive_rating_shrunk", prefix=prefix),
        *_features(group, OPPONENT, "possessions per 48 minutes", 85, 120, "pace_mean_last10 pace_shrunk", prefix=prefix),
        *_features(group, CONTEXT, "possessions per 48 minutes", -15, 15, "pace_gap"),
        *_features(group, OPPONENT, "fraction", 0, 1, "ft_attempt_rate_allowed_shrunk defensive_rebound_rate_last10 turnover_forced_rate_last10", prefix=prefix),
        *_with_n(
            _features(group, OPPONENT_ZONES, "fraction", -0.08, 0.08, " ".join(f"{zone}_pct_vs_league" for zone in ZONES), prefix=prefix),
            "opponent_zone_games_season", 15,
        ),
        *_features(group, OPPONENT_ZONES, "fraction", 0.2, 0.7, "paint_share_allowed_shrunk three_share_allowed_shrunk", prefix=prefix),
        *_features(group, FACTORS, "points", -3, 3, "shot_zone_mismatch_score pace_score"),
        *_features(group, FACTORS, "points", -4, 4, "opponent_defense_score"),
        *_features(group, FACTORS, "points", -8, 8, "total_composite_adjustment"),
        *_features(group, FACTORS, "points", 0, 4, "usage_spike_score", when_available=True),
    ]  # fmt: skip


def _team() -> list[Feature]:
    group, prefix = "team", "team_"
    pace, rating = "possessions per 48 minutes", "per 100 possessions"
    return [
        *_features(group, OWN, pace, 85, 120, "pace_mean_last10 pace_shrunk", prefix=prefix),
        *_features(group, OWN, pace, 85, 120, "expected_pace"),
        *_features(group, OWN, rating, 85, 140, "offensive_rating_mean_last10 offensive_rating_shrunk", prefix=prefix),
        *_features(group, OWN, rating, -25, 25, "net_rating_shrunk", prefix=prefix),
        *_features(group, OPPONENT, rating, -25, 25, "net_rating_shrunk", prefix="opponent_"),
        *_features(group, OWN, rating, -40, 40, "net_rating_gap"),
        *_features(group, OWN, "fraction", 0, 1, "win_rate_season blowout_rate_last10", prefix=prefix),
        *_features(group, OPPONENT, "fraction", 0, 1, "win_rate_season blowout_rate_last10", prefix="opponent_"),
        *_features(group, OWN, "points", 80, 150, "points_mean_last10", prefix=prefix),
        *_features(group, OWN, "games", -30, 30, "streak", prefix=prefix),
        *_features(group, OWN, "fraction", 0, 1, "vacated_usage_share", prefix=prefix, when_available=True),
        *_features(group, OWN, "points", 0, 120, "vacated_points", prefix=prefix, when_available=True),
        *_features(group, CONTEXT, "players", 0, 8, "star_teammates_out", when_available=True),
        *_features(group, OPPONENT, "players", 0, 8, "stars_out_count", prefix="opponent_", when_available=True),
    ]


def _game() -> list[Feature]:
    group = "game"
    return [
        *_features(group, CONTEXT, "0/1", None, None, "is_home"),
        *_features(group, OWN, "0/1", None, None, "is_neutral_site is_playoffs is_play_in is_cup_game"),
        *_features(group, OWN, "fraction", 0, 1, "season_progress"),
        *_features(group, OWN, "game of the series", 1, 7, "series_game_number"),
        *_features(group, OWN, "days", 0, 260, "days_since_opening"),
    ]


def _form() -> list[Feature]:
    group = "form"
    highs = {"points": 75, "rebounds": 30, "assists": 25, "threes": 14, "pra": 90, "minutes": 58, "fg_attempts": 40}
    found = []
    for name, high in highs.items():
        columns = " ".join(f"{name}_ewma{half_life}" for half_life in HALF_LIVES)
        found += [
            replace(feature, window=feature.name.rpartition("_")[2])
            for feature in _features(group, RECENCY, name.replace("fg_attempts", "attempts"), 0, high, columns)
        ]
    found += [
        feature
        for market in MARKETS
        for feature in _features(group, RECENCY, market, 0, highs[market] + 20, f"{market}_rate_times_minutes")
    ]
    found += _with_n(_features(group, RECENCY, "points", 0, 100, "points_max_last10"), "games_last10", 5)
    return [*found, *_with_n(_features(group, RECENCY, "minutes", 0, 70, "minutes_min_last10 minutes_last"), "games_last10", 1)]


def _allowance() -> list[Feature]:
    names = " ".join(f"opponent_{market}_allowed_vs_position_shrunk" for market in MARKETS)
    return _with_n(_features("opponent_allowance", FACTORS, "per appearance", -8, 8, names), "", 0)


def _teammates() -> list[Feature]:
    statuses = ("played", "missed")
    return [
        *_features("teammates", FACTORS, "minutes", 0, 500, " ".join(f"teammates_minutes_{status}_last_game" for status in statuses)),
        *_features("teammates", FACTORS, "usage rates", 0, 6, " ".join(f"teammates_usage_{status}_last_game" for status in statuses)),
    ]


def _prop_market() -> list[Feature]:
    group = PROP_MARKET
    return [
        *_features(group, CONTEXT, "points", 0.5, 60, "points_line_current points_line_opening"),
        *_features(group, CONTEXT, "points", -15, 15, "points_line_movement"),
        *_features(group, CONTEXT, "0/1", None, None, "has_points_line"),
        *_features(group, CONTEXT, "points", 0, 5, "points_line_sd_books"),
        *_features(group, CONTEXT, "books", 0, 30, "points_line_books_n"),
        *_features(group, CONTEXT, "probability", 0.2, 0.8, "points_over_prob"),
        *_features(group, CONTEXT, "probability", 0, 0.2, "points_vig"),
        *_features(group, CONTEXT, "captures", 0, 50, "points_line_late_changes"),
        *_features(group, CONTEXT, "points", -30, 30, "line_vs_shrunk"),
        *_features(group, CONTEXT, "points", -40, 40, "line_vs_last5"),
        *_features(group, CONTEXT, "points", -20, 20, "line_delta_previous_game"),
        *_features(group, CONTEXT, "games", 0, 40, "points_over_streak points_under_streak"),
        *_with_n(_features(group, CONTEXT, "fraction", 0, 1, "over_rate_last10"), "games_with_line_last10", 5),
        *_with_n(_features(group, CONTEXT, "points", -25, 25, "margin_vs_line_mean_last5"), "games_with_line_last5", 3),
        *_features(group, CONTEXT, "stat units", 0.5, 70, " ".join(f"{market}_line_current" for market in MARKETS[1:])),
    ]


def _game_market() -> list[Feature]:
    group = GAME_MARKET
    return [
        Feature("team_spread", group, "points", -30, 30, OWN, "spread_current"),
        Feature("game_total", group, "points", 170, 280, OWN, "total_current"),
        *_features(group, OWN, "points", 80, 150, "implied_team_total"),
        *_features(group, OWN, "points", 0, 30, "spread_abs"),
        *_features(group, OWN, "points", -15, 15, "spread_movement"),
        *_features(group, OWN, "points", -20, 20, "total_movement"),
        *_features(group, OWN, "books", 0, 30, "game_lines_books_n"),
    ]


@cache
def features() -> tuple[Feature, ...]:
    """All features in the order of the store's columns."""
    groups = (
        _scoring, _other_stats, _minutes, _role, _usage, _shots, _load, _opponent, _team, _game, _form, _allowance, _teammates,
    )  # fmt: skip
    blind = [feature for group in groups for feature in group()]
    availability = _features("availability", CONTEXT, "code", 0, 4, "injury_status_code", when_available=True)
    return (*blind, *availability, *_prop_market(), *_game_market())


N_COLUMNS = (
    *((f"games_{window}", CACHE, f"games_{window}") for window in ("last3", "last5", "last10", "last20", "season")),
    ("games_prev_season", CACHE, "games_prev_season"),
    ("games_same_venue_season", CACHE, "games_same_venue_season"),
    ("games_vs_opponent_365d", CACHE, "games_vs_opponent_365d"),
    ("games_with_line_last5", CONTEXT, "games_with_line_last5"),
    ("games_with_line_last10", CONTEXT, "games_with_line_last10"),
    ("zone_games_last10", ZONES_OF_PLAYER, "zone_games_last10"),
    ("zone_attempts_last10", ZONES_OF_PLAYER, "zone_attempts_last10"),
    ("team_games_last10", OWN, "games_last10"),
    ("team_games_season", OWN, "games_season"),
    ("opponent_games_last10", OPPONENT, "games_last10"),
    ("opponent_games_season", OPPONENT, "games_season"),
    ("opponent_zone_games_season", OPPONENT_ZONES, "zone_games_season"),
)
"""(column of the store, alias, column there): how many games stand behind the windows."""
