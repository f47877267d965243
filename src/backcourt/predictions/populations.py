"""Named sets of rows that scores are stated for, and what a row was before its game: tier, data tier, level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backcourt.forecasts.markets import Market
from backcourt.forecasts.pmf import Array
from backcourt.precompute.model_groups import MODEL_GROUPS
from backcourt.predictions.rows import Rows
from backcourt.predictions.run_folder import Columns, plain

if TYPE_CHECKING:
    import duckdb

ESTABLISHED = 5
REGULAR_MINUTES = 20.0
TIERS = ("bench", "rotation", "starter", "star")
_BLIND = next(group for group in MODEL_GROUPS if group.name == "blind")


def is_established(rows: Rows) -> NDArray[np.bool_]:
    """Population A: appeared in a regular-season game, at least 5 earlier appearances in the data."""
    return (rows.keys["season_type"] == "regular") & (rows.appeared == 1) & (rows.windows["appearances_before"] >= ESTABLISHED)


def is_regular(rows: Rows) -> NDArray[np.bool_]:
    """Population R: of A, at least 20 minutes a game in the last 10 appearances."""
    return is_established(rows) & (rows.windows["minutes_last10"] >= REGULAR_MINUTES)


def data_tier(rows: Rows) -> NDArray[np.object_]:
    """FULL: all that the blind group requires; MIN: fewer than 5 earlier appearances; PARTIAL: the rest."""
    full = np.ones(len(rows), dtype=bool)
    for name in _BLIND.required:
        full &= ~np.isnan(rows.column(name))
    for name, least in _BLIND.min_n.items():
        full &= np.nan_to_num(rows.keys[name].astype(float)) >= least
    few = rows.windows["appearances_before"] < ESTABLISHED
    return np.where(few, "MIN", np.where(full, "FULL", "PARTIAL")).astype(object)


def level_before(rows: Rows, market: Market) -> Array:
    """Season mean before the game; in the first 5 games of a season last season's, else what the season has, else the shrunken mean."""
    season = rows.windows[f"{market.id}_season"]
    level = np.where(np.nan_to_num(rows.keys["games_season"].astype(float)) >= ESTABLISHED, season, np.nan)
    for other in (rows.windows[f"{market.id}_last_season"], season, rows.column(f"{market.prefix}_mean_shrunk")):
        level = np.where(np.isnan(level), other, level)
    return level


def tiers(rows: Rows, market: Market, first: np.datetime64) -> NDArray[np.object_]:
    """bench, rotation, starter or star by the level before the game; without fixed bounds, quartiles of rows before `first`."""
    level = level_before(rows, market)
    earlier = level[rows.day < first]
    bounds = market.tiers or tuple(np.quantile(earlier if len(earlier) else level, (0.25, 0.5, 0.75)))
    return np.array(TIERS, dtype=object)[np.searchsorted(np.asarray(bounds), level, side="right")]


def not_forecast(connection: duckdb.DuckDBPyConnection) -> Columns:
    """Appearances of population A that the store did not list for that game: no forecast exists. Population is A and the season's year."""
    return plain(
        connection.execute(
            f"""
with appearances as (
    select
        game_date, game_id, player_id, season, season_type, team_id,
        row_number() over (partition by player_id order by game_date) - 1 as appearances_before
    from player_game_summary where did_play
)
select 'A' || substr(season, 6, 2) as population, game_date, game_id, player_id
from appearances
where season_type = 'regular' and appearances_before >= {ESTABLISHED} and not exists (
    select 1 from ml_feature_store as store
    where store.game_date = appearances.game_date and store.player_id = appearances.player_id and store.game_id = appearances.game_id
        and store.team_id is not null
)
order by 2, 4"""
        ).fetchnumpy()
    )
