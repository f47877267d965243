"""Every field-goal attempt with its place: feet, the basket at x = 0, y = 5.25."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import dated, listed
from backcourt.sources.game_checks import OF_NO_SEASON, no_rejected_rows, shots_of_the_box, teams_of_the_schedule, two_teams

relation = Relation(
    grain=("game_id", "source_shot_no"),
    known=AFTER_GAME,
    games="final",
    checks=(no_rejected_rows("shots"), two_teams("shots"), teams_of_the_schedule("shots"), shots_of_the_box()),
    may_lack_date=OF_NO_SEASON,
    sql=dated(
        "raw_shots",
        listed(
            "game_id", "source_shot_no", "period", "clock_seconds", "team_id", "player_id", "shot_value", "is_made", "action_type",
            "area", "area_side", "distance_ft", "x_ft", "y_ft",
        ),
    ),
)  # fmt: skip
