"""A played season as flat arrays: games, player rows and shots, ready to be printed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from backcourt.field.seasons import EASTERN
from backcourt.simulate.court import locate
from backcourt.simulate.game import MAXIMUM_PERIODS, STATS
from backcourt.simulate.names import feed_spelling
from backcourt.simulate.schedule import opening_date

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.parquet import Press
    from backcourt.simulate.season import Season


def load(press: Press, season: Season, rng: np.random.Generator) -> None:
    """Fill the tables `games`, `players`, `box` (one row a player who played), `sides` (one a team-game) and `shots`."""
    press.table("games", _games(season))
    press.table("players", _players(season))
    press.table("box", _box(season))
    press.table("shots", _shots(season, rng))
    _sum_sides(press)


def eastern_clock(moment: datetime) -> datetime:
    """The wall clock in New York, without zone, of a UTC moment without zone."""
    return moment.replace(tzinfo=UTC).astimezone(EASTERN).replace(tzinfo=None)


def day_text(opening: date, day: int) -> str:
    """The date of a season day as text `YYYY-MM-DD`."""
    return (opening + timedelta(days=day)).isoformat()


def _games(season: Season) -> dict[str, Any]:
    import numpy as np

    games = season.games
    opening = opening_date(season.start_year)
    quarters = np.concatenate([batch.quarters for _, _, batch in season.batches])
    periods = np.concatenate([batch.periods for _, _, batch in season.batches])
    columns: dict[str, Any] = {
        "number": np.arange(len(games)),
        "game_id": [game.game_id for game in games],
        "season": [season.name] * len(games),
        "start_year": np.full(len(games), season.start_year),
        "day": np.array([game.day for game in games]),
        "game_day": [day_text(opening, game.day) for game in games],
        "first_day": [day_text(opening, game.day if game.postponed_from_day is None else game.postponed_from_day) for game in games],
        "home": np.array([game.home for game in games]),
        "away": np.array([game.away for game in games]),
        "tip_at": [game.tip_at for game in games],
        "tip_eastern": [eastern_clock(game.tip_at) for game in games],
        "first_tip_at": [game.postponed_from_tip_at or game.tip_at for game in games],
        "first_tip_eastern": [eastern_clock(game.postponed_from_tip_at or game.tip_at) for game in games],
        "arena": [game.arena.name for game in games],
        "arena_city": [game.arena.city for game in games],
        "arena_state": [game.arena.state for game in games],
        "hours_behind": np.array([game.arena.hours_behind for game in games]),
        "is_neutral": np.array([game.is_neutral for game in games]),
        "label": [game.label for game in games],
        "sub_label": [game.sub_label for game in games],
        "subtype": [game.subtype for game in games],
        "series_text": [game.series_text for game in games],
        "periods": periods[::2],
    }
    for side, name in enumerate(("home", "away")):
        for period in range(4):
            columns[f"{name}_q{period + 1}"] = quarters[side::2, period]
        columns[f"{name}_ot"] = quarters[side::2, 4:MAXIMUM_PERIODS].sum(axis=1)
        columns[f"{name}_points"] = quarters[side::2].sum(axis=1)
    return columns


def _players(season: Season) -> dict[str, Any]:
    import numpy as np

    players = season.players
    return {
        "player": np.arange(len(players)),
        "player_id": np.array([player.player_id for player in players]),
        "name": [player.name for player in players],
        "odds_name": [feed_spelling(player.name) for player in players],
        "position": [player.position for player in players],
    }


def _box(season: Season) -> dict[str, Any]:
    import numpy as np

    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("game", "side", "player", "seconds", "minutes", "starter", *STATS)}
    first = 0
    for games, lineups, batch in season.batches:
        minutes = rounded_minutes(batch.seconds, batch.periods)
        row, slot = np.nonzero((lineups.player >= 0) & (batch.seconds > 0))
        parts["game"].append(first + row // 2)
        parts["side"].append(row % 2)
        parts["player"].append(lineups.player[row, slot])
        parts["seconds"].append(np.rint(batch.seconds[row, slot]).astype(np.int64))
        parts["minutes"].append(minutes[row, slot])
        parts["starter"].append(batch.starter[row, slot])
        for index, name in enumerate(STATS):
            parts[name].append(batch.stats[row, slot, index])
        first += len(games)
    return {name: np.concatenate(values) for name, values in parts.items()}


def rounded_minutes(seconds: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Whole minutes as the public files have them; their sum stays within 4 of 240 + 25 per overtime, as it does there."""
    import numpy as np

    minutes = np.rint(seconds / 60).astype(np.int64)
    error = minutes.sum(axis=1) - 240 - 25 * (periods - 4)
    for row in np.flatnonzero(np.abs(error) > 4):
        while abs(minutes[row].sum() - 240 - 25 * (periods[row] - 4)) > 4:
            residue = minutes[row] - seconds[row] / 60
            slot = int(np.argmax(residue) if residue.sum() > 0 else np.argmin(residue))
            minutes[row, slot] -= int(np.sign(residue[slot]))
    return minutes


def _shots(season: Season, rng: np.random.Generator) -> dict[str, Any]:
    import numpy as np

    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("game", "side", "player", "area", "made", "period", "second")}
    first = 0
    for games, lineups, batch in season.batches:
        shots = batch.shots
        parts["game"].append(first + shots["row"] // 2)
        parts["side"].append(shots["row"] % 2)
        parts["player"].append(lineups.player[shots["row"], shots["slot"]])
        for name in ("area", "made", "period", "second"):
            parts[name].append(shots[name])
        first += len(games)
    columns: dict[str, Any] = {name: np.concatenate(values) for name, values in parts.items()}
    columns["number"] = np.arange(len(columns["game"]))
    location = locate(rng, columns["area"])
    location["zone_side"] = location.pop("side")
    columns |= location
    columns["left"] = np.where(columns["period"] <= 4, 719, 299) - columns["second"]
    return columns


def _sum_sides(press: Press) -> None:
    totals = ", ".join(f"sum({name})::BIGINT AS {name}" for name in STATS[:14])
    press.rows(
        f"""CREATE OR REPLACE TABLE sides AS
        SELECT b.game, b.side, CASE WHEN b.side = 0 THEN g.home ELSE g.away END AS team,
               CASE WHEN b.side = 0 THEN g.away ELSE g.home END AS opponent, sum(b.minutes)::BIGINT AS minutes, {totals},
               CASE WHEN (g.home_points > g.away_points) = (b.side = 0) THEN 'W' ELSE 'L' END AS wl,
               CASE WHEN b.side = 0 THEN g.home_points - g.away_points ELSE g.away_points - g.home_points END AS margin,
               CASE WHEN g.is_neutral THEN a.tricode || ' @ ' || h.tricode
                    WHEN b.side = 0 THEN h.tricode || ' vs. ' || a.tricode ELSE a.tricode || ' @ ' || h.tricode END AS matchup
        FROM box b JOIN games g ON g.number = b.game JOIN teams h ON h.team = g.home JOIN teams a ON a.team = g.away
        GROUP BY ALL ORDER BY b.game, b.side"""
    )
