"""Positions, heights and weights, and the injured-list moves, in the public forms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backcourt.field.teams import TEAMS
from backcourt.simulate.players import POSITION_WORDS, Player
from backcourt.simulate.schedule import TEAM_IDS, opening_date

if TYPE_CHECKING:
    from backcourt.simulate.parquet import Press
    from backcourt.simulate.season import Season

# The feed of list moves knows two teams under shorter names.
MOVE_NICKNAMES = {"Trail Blazers": "Blazers"}


def write_bios(press: Press, people: list[Player], seasons: list[Season]) -> None:
    """`player_positions` (one row a season and player) and `player_height_weight` (one row a player)."""
    rows = [
        (season.name, player.player_id, player.position, team, player.position[0]) for season in seasons for player, team in _teams(season)
    ]
    press.table(
        "positions", dict(zip(("season", "player_id", "position", "team_id", "simple"), map(list, zip(*rows, strict=True)), strict=True))
    )
    press.print(
        "nba/player_positions",
        """SELECT season AS SEASON, player_id AS PLAYER_ID, position AS POSITION, team_id AS TeamID, simple AS POSITION_SIMPLE
        FROM positions ORDER BY season, team_id, player_id""",
    )
    words = ["-".join(POSITION_WORDS[part] for part in player.position.split("-")) for player in people]
    press.table(
        "bios",
        {
            "player_id": [player.player_id for player in people],
            "position": words,
            "height": [f"{player.height_inches // 12}-{player.height_inches % 12}" for player in people],
            "weight": [player.weight_lb for player in people],
        },
    )
    press.print(
        "nba/player_height_weight",
        "SELECT player_id AS PLAYER_ID, position AS POSITION, height AS HEIGHT, weight AS WEIGHT FROM bios ORDER BY player_id",
    )


def _teams(season: Season) -> list[tuple[Player, int]]:
    return [(player, TEAM_IDS[team]) for player, team in zip(season.players, season.availability.team_of[:, -1], strict=True)]


def write_list_moves(press: Press, seasons: list[Season]) -> None:
    """`injuries_pst_il_<from>_<to>`: one row a move, relinquished = put on the list, acquired = activated; nicknames for teams."""
    rows = []
    for season in seasons:
        opening = opening_date(season.start_year)
        last_day = max(game.day for game in season.games)
        for spell in season.availability.spells:
            player = season.players[spell.player]
            moves = (
                (spell.first_day, "", player.name, f"placed on IL with {spell.reason}"),
                (spell.last_day + 1, player.name, "", "activated from IL"),
            )
            for day, acquired, relinquished, note in moves:
                if day <= last_day:
                    team = TEAMS[TEAM_IDS[season.availability.team_of[spell.player, day]]][2]
                    team = MOVE_NICKNAMES.get(team, team)
                    moved = (opening + timedelta(days=day)).isoformat()
                    rows.append((moved, team, acquired, relinquished, note, player.name, float(player.player_id)))
    rows.sort()
    names = ("day", "team", "acquired", "relinquished", "notes", "player_name", "player_id")
    press.table("moves", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    press.print(
        f"nba/injuries_pst_il_{rows[0][0][:7]}_{rows[-1][0][:7]}",
        """SELECT row_number() OVER () + 90000 AS injury_id, day::DATE AS "Date", team AS "Team", nullif(acquired, '') AS "Acquired",
            nullif(relinquished, '') AS "Relinquished", notes AS "Notes", player_name,
            CASE WHEN rowid % 25 > 0 THEN player_id END AS player_id, NULL::VARCHAR AS status
        FROM moves ORDER BY rowid""",
    )
