"""Appearances, features and points lines of an open snapshot as the arrays that guards read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import market_of
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.remade import LeakMaterial
from backcourt.judgement.leaks.sequences import Sequences
from backcourt.judgement.populations import mask
from backcourt.tables.precompute.feature_groups import BLIND, features

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backcourt.engine.warehouse import Warehouse

MARKET, POPULATION = "points", "S24"


def lines_of_spring(run: EvaluatedRun) -> dict[tuple[str, int], float]:
    """(game, player) -> consensus points line of S24, for players with 5 earlier appearances; none where the run has no such lines."""
    if POPULATION not in run.line_populations:
        return {}
    lines = run.lines_of(POPULATION)
    inside = mask(run, POPULATION)
    return {
        (str(run.rows["game_id"][place]), int(run.rows["player_id"][place])): float(line)
        for place, line in zip(lines["position"].tolist(), lines["line"].tolist(), strict=True)
        if inside[place]
    }


def store_material(warehouse: Warehouse, runs: Mapping[str, EvaluatedRun]) -> LeakMaterial:
    """The store of an open snapshot, tested on the spring's points lines where `runs` holds a run of points with them."""
    return material(warehouse, lines_of_spring(runs[MARKET]) if MARKET in runs else {})


def material(warehouse: Warehouse, line_of: Mapping[tuple[str, int], float]) -> LeakMaterial:
    """All listed appearances with blind features and points; tested are those with a line. Windows run over listed appearances.

    Raises BackcourtError when the store lists none.
    """
    market = market_of(MARKET)
    names = tuple(feature.name for feature in features() if feature.market == BLIND and not feature.when_available)
    found = warehouse.arrays(
        f"""
            select
                store.game_date, store.game_id, store.player_id, store.season, store.season_type, played.is_starter::double as started,
                ({" + ".join(f"played.{part}" for part in market.parts)})::double as result,
                {", ".join(f"store.{name}::float as {name}" for name in names)}
            from ml_feature_store as store
            join player_game_summary as played
                on played.game_date = store.game_date and played.player_id = store.player_id and played.game_id = store.game_id
                and played.did_play
            order by store.game_date, store.player_id"""
    )
    if not len(found["result"]):
        raise BackcourtError("The feature store lists no appearance; run `backcourt run` first.")
    keys = zip(found["game_id"].tolist(), found["player_id"].tolist(), strict=True)
    game_date = found["game_date"].astype("datetime64[D]")
    started = found["started"].astype(float)
    games = Sequences(found["player_id"], game_date, found["season"].astype(str), found["result"].astype(float), started)
    matrix = np.column_stack([found[name].astype(np.float32) for name in names])
    line = np.array([line_of.get((str(game), int(player)), np.nan) for game, player in keys])
    return LeakMaterial(games, matrix, names, game_date, line, np.asarray(found["season_type"] == "regular"))
