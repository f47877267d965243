"""What player and team boxes share: the counting statistics and the identities that a row must satisfy."""

from __future__ import annotations

from backcourt.domain import COUNTING_STATS
from backcourt.sources.feed import Field, Rule

_STATS_NBA = (
    "PTS", "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF",
)  # fmt: skip

_TEAMS = "select 1 from team_names known where known.team_id = {0}"


def counting_fields(names: tuple[str, ...] = _STATS_NBA, unless: str = "") -> list[Field]:
    """The 15 counting statistics from the feed's columns `names`, in COUNTING_STATS' order; NULL where `unless` (SQL) holds."""
    found = []
    for stat, name in zip(COUNTING_STATS, names, strict=True):
        expression = f'case when not ({unless}) then "{name}" end' if unless else f'"{name}"'
        found.append(Field(stat, "integer", expression, required=not unless))
    return found


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
    Rule(
        "not negative",
        " or ".join(f"{stat} < 0" for stat in COUNTING_STATS),
        "'a counting statistic is negative'",
    ),
)


def known_team(*columns: str) -> Rule:
    """Real games are played by the league's teams; preseason and All-Star rows may name others."""
    unknown = " or ".join(f"not exists ({_TEAMS.format(column)})" for column in columns)
    shown = " || ', ' || ".join(f"coalesce({column}::varchar, 'none')" for column in columns)
    return Rule(
        "known team",
        f"substr(game_id, 3, 1) in ('2', '4', '5', '6') and ({unknown})",
        f"'team ' || {shown} || ' is not one of the 30 teams'",
    )
