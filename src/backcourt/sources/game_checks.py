"""What the rows of a finished game hold in any source: both teams, enough players, the shots that the box counts."""

from __future__ import annotations

from backcourt.engine.declare.table import GameCheck
from backcourt.field.seasons import is_real_sql

SEVERAL = 3
"""Shots and boxes are counted by different people, who may differ by one or two."""
FEWEST_PLAYERS = 5

OF_NO_SEASON = f"not {is_real_sql('game_id')}"
"""Preseason and All-Star games: the schedule need not know them, and nothing reads them."""

_SIDES = (
    "(select game_date, game_id, home_team_id as team_id from schedule where is_real_game "
    "union all select game_date, game_id, away_team_id from schedule where is_real_game)"
)


def _counted(relation: str, count: str = "count(*)") -> str:
    """SQL of how many rows a relation has of each team in each game."""
    return f"select game_date, game_id, team_id, {count} as have from {relation} group by game_date, game_id, team_id"


def two_teams(relation: str) -> GameCheck:
    """A game of which there are rows has those of both teams of the schedule."""
    return GameCheck(
        "two_teams",
        f"select sides.game_date, sides.game_id, sides.team_id, 1 as have, 2 as wanted from {_SIDES} as sides "
        f"join (select game_id from {relation} group by game_id) as held on held.game_id = sides.game_id "
        f"left join (select game_id, team_id from {relation} group by game_id, team_id) as own "
        "on own.game_id = sides.game_id and own.team_id = sides.team_id where own.team_id is null",
        "{relation} has the rows of one of the two teams of {game}; {team} is missing",
        ("schedule",),
        reason="two teams play a game",
    )


def teams_of_the_schedule(relation: str) -> GameCheck:
    """No other team has rows of a game."""
    return GameCheck(
        "teams_of_the_schedule",
        "select held.game_date, held.game_id, held.team_id, held.have, 0 as wanted from "
        f"({_counted(relation)}) as held "
        "join schedule on schedule.game_id = held.game_id where schedule.is_real_game "
        "and (held.team_id is null or held.team_id not in (schedule.home_team_id, schedule.away_team_id))",
        "{relation} has {have} rows of {team} in {game}, in which it doesn't play",
        ("schedule",),
        reason="two teams play a game",
    )


def five_players() -> GameCheck:
    """Each side of a player box has five players with minutes."""
    return GameCheck(
        "five_players",
        f"select own.game_date, own.game_id, own.team_id, own.have, {FEWEST_PLAYERS} as wanted from "
        f"({_counted('player_box', 'count_if(minutes > 0)')}) as own "
        f"join schedule on schedule.game_id = own.game_id where schedule.is_real_game and own.have < {FEWEST_PLAYERS}",
        "player_box has {have} players with minutes of {team} in {game}, and {wanted} play at a time",
        ("schedule",),
        reason="five play at a time",
    )


def shots_of_the_box() -> GameCheck:
    """No team has several shots fewer than its box has field-goal attempts."""
    return GameCheck(
        "shots_of_the_box",
        "select own.game_date, own.game_id, own.team_id, own.have, box.fg_attempts as wanted from "
        f"({_counted('shots')}) as own "
        "join team_box as box on box.game_id = own.game_id and box.team_id = own.team_id "
        f"where box.fg_attempts - own.have >= {SEVERAL}",
        "shots has {have} of the {wanted} field-goal attempts of {team} in {game}",
        ("team_box",),
        reason="each field-goal attempt is a shot; the two are counted by different people",
    )


def no_rejected_rows(relation: str) -> GameCheck:
    """No row was rejected of the version of a game that counts; of sources whose groups begin with the game."""
    raw = f"raw_{relation}"
    return GameCheck(
        "no_rejected_rows",
        "select schedule.game_date, schedule.game_id, cast(null as bigint) as team_id, groups.rejected as have, 0 as wanted "
        "from raw_groups as groups join schedule on schedule.game_id = substr(groups.group_key, 1, 10) "
        f"left join raw_superseded as older on older.raw = '{raw}' and older.group_key = groups.group_key "
        "and older.load_id = groups.load_id "
        f"where groups.raw = '{raw}' and groups.rejected > 0 and older.load_id is null and schedule.is_real_game",
        "{have} rows of {game} were rejected when {relation} was loaded; `backcourt gaps` names them",
        ("schedule",),
        reason="a game of which a row was rejected isn't whole",
    )
