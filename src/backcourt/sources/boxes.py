"""What player and team boxes share: the counting statistics and the identities that a row must satisfy."""

from __future__ import annotations

from collections.abc import Sequence

from backcourt.field.seasons import is_real_sql
from backcourt.field.statistics import COUNTING_STATS
from backcourt.field.teams import TEAMS
from backcourt.sources.feed import POSSIBLE_ID, Field, Rule, number, possible

STATS_NBA = (
    "PTS", "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF",
)  # fmt: skip

_TEAM_IDS = ", ".join(str(team_id) for team_id in TEAMS)


def counting_fields(names: tuple[str, ...] = STATS_NBA, unless: str = "") -> list[Field]:
    """The 15 counting statistics from the feed's columns `names`, in COUNTING_STATS' order; NULL where `unless` (SQL) holds."""
    found = []
    for stat, name in zip(COUNTING_STATS, names, strict=True):
        expression = f'case when not ({unless}) then "{name}" end' if unless else f'"{name}"'
        found.append(Field(stat, "integer", expression, required=not unless))
    return found


def minutes_fields(column: str, unless: str = "false") -> list[Field]:
    """seconds_played, minutes and minutes_precision from whole minutes or `MM:SS`; NULL where `unless` (SQL) holds."""
    text = f'cast("{column}" as varchar)'
    is_clock = f"regexp_full_match({text}, '[0-9]+([.]0+)?:[0-5][0-9]')"
    seconds = f"cast(cast(split_part({text}, ':', 1) as double) * 60 + cast(split_part({text}, ':', 2) as double) as bigint)"
    expected = "whole minutes or MM:SS"
    return [
        Field("seconds_played", "integer", f"case when not ({unless}) and {is_clock} then {seconds} end"),
        # Whole minutes are a rounded figure: a fraction there would be of an unknown kind.
        Field(
            "minutes",
            "number",
            f"case when {unless} then null when {is_clock} then cast({seconds} / 60.0 as varchar) "
            f"when {number(column)} = floor({number(column)}) then cast({number(column)} as varchar) else {text} || ' minutes' end",
            expected=expected,
        ),
        Field("minutes_precision", "text", f"case when {is_clock} then 'second' else 'minute' end", required=True),
    ]


def is_absent(comment: str, minutes: str, counts: Sequence[str]) -> str:
    """SQL: did the player not play, by the comment, or by minutes left empty and all of `counts` 0?"""
    said = f"regexp_matches(upper(coalesce(\"{comment}\", '')), '^(DNP|DND|NWT|DID NOT|INACTIVE)')"
    nothing = " and ".join(f"coalesce({number(count)}, 0) = 0" for count in counts)
    return f'({said} or ("{minutes}" is null and {nothing}))'


def appearance(comment: str, absent: str) -> str:
    """SQL of the appearance, of a player who is `absent` (SQL) by the box's comment; one who isn't played."""
    text = f"coalesce(\"{comment}\", '')"
    return f"""case
        when not {absent} then 'played'
        when {text} ilike 'inactive%' then 'inactive'
        when {text} ilike '%coach%' then 'dnp_coach'
        when {text} ilike '%suspen%' then 'suspended'
        when {text} like 'NWT%' then 'not_with_team'
        when {text} ilike '%injury%' or {text} ilike '%illness%' then 'dnp_injury'
        else 'dnp_other' end"""


BOX_RULES = (
    Rule(
        "points add up",
        "points <> 2 * (fg_makes - three_makes) + 3 * three_makes + ft_makes",
        "'points ' || points || ' are not 2 x ' || (fg_makes - three_makes) || ' + 3 x ' || three_makes || ' + ' || ft_makes",
    ),
    Rule(
        "rebounds add up",
        "rebounds <> offensive_rebounds + defensive_rebounds",
        "'rebounds ' || rebounds || ' are not ' || offensive_rebounds || ' offensive + ' || defensive_rebounds || ' defensive'",
    ),
    Rule(
        "makes within attempts",
        "fg_makes > fg_attempts or three_makes > three_attempts or ft_makes > ft_attempts",
        "'more shots made than attempted'",
    ),
    possible(**dict.fromkeys(COUNTING_STATS, (0, 400)), team_id=POSSIBLE_ID),
)

PLAYER_RULES = (
    *BOX_RULES,
    Rule(
        "who played has a full line",
        "appearance = 'played' and (minutes is null or " + " or ".join(f"{stat} is null" for stat in COUNTING_STATS) + ")",
        "'player ' || player_id || ' played, but a statistic of the line is missing'",
    ),
    possible(**dict.fromkeys(COUNTING_STATS, (0, 200)), plus_minus=(-200, 200), player_id=POSSIBLE_ID),
    Rule("minutes", "minutes < 0 or minutes > 100", "'minutes ' || minutes || ' are not between 0 and 100'"),
)


def known_team(*columns: str) -> Rule:
    """Real games are played by the league's teams; preseason and All-Star rows may name others."""
    unknown = " or ".join(f"{column} not in ({_TEAM_IDS})" for column in columns)
    shown = " || ', ' || ".join(f"coalesce({column}::varchar, 'none')" for column in columns)
    return Rule(
        "known team",
        f"{is_real_sql('game_id')} and ({unknown})",
        f"'team ' || {shown} || ' is not one of the 30 teams'",
    )


TO_BE_DECIDED = Rule(
    "teams to be decided",
    "coalesce(home_team_id, 0) = 0 or coalesce(away_team_id, 0) = 0",
    "'game ' || game_id || ' has no teams yet'",
    sets_aside=True,
)

RESULT_RULES = (
    possible(home_points=(0, 400), away_points=(0, 400)),
    Rule(
        "a final game has a score",
        f"is_final and (home_points is null or away_points is null) and {is_real_sql('game_id')}",
        "'game ' || game_id || ' is final without a score'",
    ),
    Rule(
        "no draw",
        f"is_final and home_points = away_points and {is_real_sql('game_id')}",
        "'game ' || game_id || ' ended ' || home_points || ':' || away_points",
    ),
)
