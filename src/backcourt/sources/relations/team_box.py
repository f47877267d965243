"""Team boxes of all games, the player-credited counts."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.field.statistics import COUNTING_STATS
from backcourt.sources.current import dated, listed
from backcourt.sources.game_checks import OF_NO_SEASON, no_rejected_rows, teams_of_the_schedule, two_teams

relation = Relation(
    grain=("game_id", "team_id"),
    known=AFTER_GAME,
    games="final",
    checks=(no_rejected_rows("team_box"), two_teams("team_box"), teams_of_the_schedule("team_box")),
    may_lack_date=OF_NO_SEASON,
    sql=dated("raw_team_box", listed("game_id", "team_id", *COUNTING_STATS, "minutes_reported", "plus_minus")),
)
