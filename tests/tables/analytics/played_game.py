"""One invented game: Boston beat New York at home 101:98 in regulation; five players a side, in whole minutes."""

from __future__ import annotations

from typing import Any

from backcourt.field.statistics import COUNTING_STATS
from tests.plain_relations import PlainRelations
from tests.tables.resolved.evening import BOSTON, DAY, GAME, NEW_YORK, evening

SUMMARIES = ("games", "prop_quotes", "team_offense_game_summary", "team_defense_game_summary", "player_game_summary")
POINTS_BY_PERIOD = {"q1": (25, 24), "q2": (25, 25), "q3": (25, 24), "q4": (26, 25), "ot": (0, 0)}


def line(points: int) -> dict[str, Any]:
    """A player with an odd number of points: all but one from twos, that one from the line."""
    makes = (points - 1) // 2
    stats = dict.fromkeys(COUNTING_STATS, 0) | {
        "points": 2 * makes + 1, "fg_makes": makes, "fg_attempts": 2 * makes, "ft_makes": 1, "ft_attempts": 2, "offensive_rebounds": 2,
        "defensive_rebounds": 6, "rebounds": 8, "assists": 5, "steals": 1, "turnovers": 3, "personal_fouls": 2,
    }  # fmt: skip
    return stats


STARTERS = {
    BOSTON: {11: line(35), 12: line(17), 13: line(17), 14: line(17), 15: line(15)},
    NEW_YORK: {21: line(33), 22: line(17), 23: line(17), 24: line(17), 25: line(13) | {"points": 14, "ft_makes": 2}},
}


def listed(relations: PlainRelations, player_id: int, team_id: int, stats: dict[str, Any] | None, **changes: Any) -> None:
    """A player of the box; without statistics he did not play."""
    row = {
        "game_date": DAY, "game_id": GAME, "player_id": player_id, "player_name": f"Player {player_id}", "team_id": team_id,
        "appearance": "played" if stats else "dnp_other", "minutes": 48.0 if stats else None, "minutes_precision": "minute",
        "roster_complete": True, "plus_minus": 0 if stats else None,
    }  # fmt: skip
    relations.add("player_box", **(row | (stats or {}) | changes))


def team_box(relations: PlainRelations, team_id: int, minutes: int = 240) -> None:
    """The team's box: the sum of its players."""
    totals = {stat: sum(stats[stat] for stats in STARTERS[team_id].values()) for stat in COUNTING_STATS}
    relations.add("team_box", game_date=DAY, game_id=GAME, team_id=team_id, minutes_reported=minutes, **totals)


def played_game(*, minutes: int = 240) -> PlainRelations:
    """The evening's game after its end; `minutes` are the teams' (265 in one overtime)."""
    relations = evening()
    for team_id, players in STARTERS.items():
        team_box(relations, team_id, minutes)
        for player_id, stats in players.items():
            listed(relations, player_id, team_id, stats)
    return relations


def shots(relations: PlainRelations, player_id: int, team_id: int, *kinds: tuple[int, str, bool]) -> None:
    """Shots of a player: value, area, made."""
    for shot_value, area, is_made in kinds:
        (number,) = relations.connection.execute("select count(*) + 1 from shots").fetchone() or (1,)
        relations.add(
            "shots", game_date=DAY, game_id=GAME, source_shot_no=number, team_id=team_id, player_id=player_id, shot_value=shot_value,
            is_made=is_made, area=area,
        )  # fmt: skip
