"""How many of those who played had a row before the game, and why the others had none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backcourt.engine.build.selection import Selection
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home

REASONS = ("debut", "change of team", "long absence")


@dataclass(frozen=True)
class Missed:
    """An appearance without a row: `reason` is debut (first of the loaded seasons), change of team, or long absence (same team)."""

    season: str
    game_date: date
    game_id: str
    player_id: int
    player_name: str
    reason: str
    last_appearance_date: date | None


@dataclass(frozen=True)
class Recall:
    """Appearances in regular-season games of a season, how many had a row, and those that had none."""

    season: str
    appearances: int
    listed: int
    missed: tuple[Missed, ...]

    @property
    def share(self) -> float:
        """Listed / appearances."""
        return self.listed / self.appearances

    def counted(self) -> dict[str, int]:
        """Missed appearances by reason."""
        return {reason: sum(missed.reason == reason for missed in self.missed) for reason in REASONS}


def recall(home: Home, table: str, selection: Selection) -> list[Recall]:
    """The recall of a table with one row per listed player, per season. Raises BackcourtError for another table."""
    with home.situation() as situation:
        node = situation.catalog[table]
        if not node.is_built or node.table.grain != ("game_date", "player_id") or node.table.known.kind != "as_of":
            raise BackcourtError(f"{table} doesn't list players before a game; ask for the recall of upcoming_player_game_context.")
        rows = situation.warehouse.query(
            f"""
            with played as (
                select
                    season, season_type, game_date, game_id, player_id, player_name, team_id,
                    lag(game_date) over (partition by player_id order by game_date) as last_date,
                    lag(team_id) over (partition by player_id order by game_date) as last_team_id
                from player_game_summary where did_play
            )
            select
                played.season, played.game_date, played.game_id, played.player_id, played.player_name, listed.player_id is not null,
                case
                    when played.last_date is null then 'debut'
                    when played.last_team_id <> played.team_id then 'change of team'
                    else 'long absence'
                end,
                played.last_date
            from played
            left join {situation.warehouse.physical(node.name)} as listed
                on listed.game_date = played.game_date and listed.player_id = played.player_id and listed.game_id = played.game_id
            where played.season_type = 'regular'
            order by 2, 3, 4
            """
        )
        found: dict[str, list[tuple[bool, Missed]]] = {}
        for season, day, game, player, name, listed, reason, last in rows:
            if selection.holds(day, season):
                found.setdefault(season, []).append((listed, Missed(season, day, game, player, name, reason, last)))
    return [
        Recall(
            season,
            len(pairs),
            sum(listed for listed, _ in pairs),
            tuple(missed for listed, missed in pairs if not listed),
        )
        for season, pairs in found.items()
    ]
