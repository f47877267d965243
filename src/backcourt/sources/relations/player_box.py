"""Player boxes: one row per player that the source lists for a game."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.field.statistics import COUNTING_STATS
from backcourt.sources.current import dated, listed
from backcourt.sources.game_checks import OF_NO_SEASON, five_players, no_rejected_rows, teams_of_the_schedule, two_teams

relation = Relation(
    grain=("game_id", "player_id"),
    known=AFTER_GAME,
    games="final",
    checks=(no_rejected_rows("player_box"), two_teams("player_box"), teams_of_the_schedule("player_box"), five_players()),
    may_lack_date=OF_NO_SEASON,
    sql=dated(
        "raw_player_box",
        listed(
            "game_id", "player_id", "player_name", "team_id", "appearance", "reason_text", "is_starter", "start_position",
            "seconds_played", "minutes", "minutes_precision", *COUNTING_STATS, "plus_minus", "roster_complete",
        ),
    ),
)  # fmt: skip
