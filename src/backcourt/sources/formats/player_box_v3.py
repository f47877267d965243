"""stats.nba.com's boxscoretraditionalv3: everybody listed for one game, minutes to the second; a comment says who did not play."""

from backcourt.sources.boxes import PLAYER_RULES, appearance, counting_fields, is_absent, known_team, minutes_fields
from backcourt.sources.feed import Feed, Field, Fill, columns

_STATS = (
    "points", "fieldGoalsMade", "fieldGoalsAttempted", "threePointersMade", "threePointersAttempted", "freeThrowsMade",
    "freeThrowsAttempted", "reboundsOffensive", "reboundsDefensive", "reboundsTotal", "assists", "steals", "blocks", "turnovers",
    "foulsPersonal",
)  # fmt: skip
_IS_ABSENT = is_absent("comment", "minutes", _STATS)

feed = Feed(
    name="stats.nba.com box score v3",
    columns=columns("gameId", "teamId", "personId", "name", "position", "comment", "minutes", *_STATS),
    aliases=("boxscoretraditionalv3",),
    rank=1,
    player_names=("name",),
    fills=[
        Fill(
            raw="raw_player_box",
            group="game_id",
            key=("game_id", "player_id"),
            fields=[
                Field("game_id", "game_id", '"gameId"', required=True),
                Field("player_id", "integer", '"personId"', required=True),
                Field("player_name", "text", '"name"', required=True),
                Field("team_id", "integer", '"teamId"', required=True),
                Field("appearance", "text", appearance("comment", _IS_ABSENT), required=True),
                Field("reason_text", "text", '"comment"'),
                Field("is_starter", "boolean", "coalesce(cast(\"position\" as varchar), '') <> ''", required=True),
                Field("start_position", "text", '"position"'),
                *minutes_fields("minutes", unless=_IS_ABSENT),
                *counting_fields(_STATS, unless=_IS_ABSENT),
                Field("plus_minus", "integer", f'case when not ({_IS_ABSENT}) then "plusMinusPoints" end'),
                Field("roster_complete", "boolean", "true", required=True),
            ],
            rules=[*PLAYER_RULES, known_team("team_id")],
        )
    ],
)
