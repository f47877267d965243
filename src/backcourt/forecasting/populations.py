"""Named sets of rows that scores are stated for, and what a row was before its game: tier, data tier, level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backcourt.field.markets import Market
from backcourt.field.pmf import Array
from backcourt.forecasting.market_lines import Lines, lined_appearances
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import Columns
from backcourt.tables.precompute.model_groups import MODEL_GROUPS

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse

ESTABLISHED = 5
REGULAR_MINUTES = 20.0
TIERS = ("bench", "rotation", "starter", "star")
_BLIND = next(group for group in MODEL_GROUPS if group.name == "blind")


def is_established(rows: Rows) -> NDArray[np.bool_]:
    """Population A: appeared in a regular-season game, at least 5 earlier appearances in the data."""
    found: NDArray[np.bool_] = (
        (rows.keys["season_type"] == "regular") & (rows.appeared == 1) & (rows.windows["appearances_before"] >= ESTABLISHED)
    )
    return found


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


_APPEARANCES = """
select
    game_date, game_id, player_id, season, season_type, row_number() over past - 1 as appearances_before,
    avg(minutes) over (partition by player_id order by game_date rows between 10 preceding and 1 preceding) as minutes_last10
from player_game_summary where did_play
window past as (partition by player_id order by game_date)"""
NOT_LISTED, TOO_LATE = "not_listed", "quoted_too_late"


def not_forecast(warehouse: Warehouse, market: Market, rows: Rows, lines: Lines) -> Columns:
    """Appearances that our populations lack, under the name of the outer one (A25, R25, S24, ...) that box scores and quotes give.

    The reason is not_listed (the store did not list the player for that game) or quoted_too_late (no quote came
    before the lock).
    """
    listed = _keys(rows, np.arange(len(rows)))
    found = [*_unlisted(warehouse, listed), *_unlined(warehouse, market, rows, lines, listed)]
    names = ("population", "game_date", "game_id", "player_id", "appearances_before", "reason")
    kinds = [np.dtype(kind) for kind in ("O", "datetime64[us]", "O", "int64", "int64", "O")]
    columns: list[tuple[object, ...]] = list(zip(*found, strict=True)) if found else [()] * len(names)
    return {name: np.array(column, dtype=kind) for name, column, kind in zip(names, columns, kinds, strict=True)}


def _keys(rows: Rows, place: NDArray[np.int64]) -> set[tuple[str, int]]:
    return set(zip(rows.keys["game_id"][place].tolist(), rows.keys["player_id"][place].tolist(), strict=True))


def _unlisted(warehouse: Warehouse, listed: set[tuple[str, int]]) -> Iterator[tuple[object, ...]]:
    box = warehouse.arrays(f"{_APPEARANCES} order by game_date, player_id")
    for day, game, player, season, kind, before, minutes in zip(*(values.tolist() for values in box.values()), strict=True):
        if kind == "regular" and before >= ESTABLISHED and (game, player) not in listed:
            for letter in ("A", "R") if minutes >= REGULAR_MINUTES else ("A",):
                yield f"{letter}{season[5:]}", day, game, player, before, NOT_LISTED


def _unlined(warehouse: Warehouse, market: Market, rows: Rows, lines: Lines, listed: set[tuple[str, int]]) -> Iterator[tuple[object, ...]]:
    population, place = lines.columns["population"], lines.columns["row"]
    lined = {name: _keys(rows, place[population == name]) for name in np.unique(population.astype(str))}
    quoted = lined_appearances(warehouse, market, _APPEARANCES)
    columns = (quoted[name].tolist() for name in ("population", "game_date", "game_id", "player_id", "appearances_before"))
    for name, day, game, player, before in zip(*columns, strict=True):
        if (game, player) not in lined.get(name, ()):
            yield name, day, game, player, before, TOO_LATE if (game, player) in listed else NOT_LISTED
