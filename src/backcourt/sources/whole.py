"""What versions of a raw group are compared by: the parts that none may lose, and what else is known of the game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backcourt.field.statistics import COUNTING_STATS

NOTHING_KNOWN = "select group_key, load_id, 0 as facts from {rows} group by 1, 2"
_TEAM = 1 + len(COUNTING_STATS)
"""So many facts a team that is missing counts for: more than any that is there can be wrong in."""


@dataclass(frozen=True)
class Part:
    """A kind of part: `sql` over the raw columns names each; fewer than `several` are never missed."""

    name: str
    sql: str
    several: int = 1


@dataclass(frozen=True)
class Whole:
    """How the versions of a raw table's groups are compared.

    `subject` says in words what a group is, with the fields of its key in order. `disagreement` is a query over
    `{rows}`, rows of versions with group_key and load_id, that gives each version's number of facts (`facts`) which
    aren't as what is known beside it has them; no row is none. `witnesses` are the raw tables that it is known from.
    """

    subject: str
    parts: tuple[Part, ...]
    disagreement: str = NOTHING_KNOWN
    witnesses: tuple[str, ...] = ()

    def called(self, group_key: str) -> str:
        """A group in words."""
        fields = group_key.split("|")
        return self.subject.format(*fields) if self.subject.count("{}") == len(fields) else group_key


# Both teams of each game, and their points where the game is final.
_SIDES = """
sides as (
    select s.game_id, s.home_team_id as team_id, r.home_points as scored
    from schedule s left join results r on r.game_id = s.game_id and r.is_final
    union all
    select s.game_id, s.away_team_id, r.away_points
    from schedule s left join results r on r.game_id = s.game_id and r.is_final
)"""

_OF_TEAM_BOX = f"""
with {_SIDES},
versions as (select distinct group_key, load_id, game_id from {{rows}})
select v.group_key, v.load_id,
    sum(case when b.team_id is null then {_TEAM} when k.scored <> b.points then 1 else 0 end) as facts
from versions v
join sides k on k.game_id = v.game_id
left join {{rows}} b on b.group_key = v.group_key and b.load_id = v.load_id and b.team_id = k.team_id
group by 1, 2
"""

_WRONG_SUMS = " + ".join(f"case when b.{stat} <> t.{stat} then 1 else 0 end" for stat in COUNTING_STATS)

# Shots and boxes are counted by different people, who may differ by one.
_OF_PLAYER_BOX = f"""
with {_SIDES},
versions as (select distinct group_key, load_id, game_id from {{rows}}),
sums as (
    select group_key, load_id, team_id, {", ".join(f"sum({stat}) as {stat}" for stat in COUNTING_STATS)}
    from {{rows}} where appearance = 'played' group by 1, 2, 3
),
shooters as (
    select s.game_id, s.player_id, count(*) as shots from shots s
    where s.game_id in (select game_id from versions) group by 1, 2
),
attempts as (
    select group_key, load_id, game_id, player_id, fg_attempts from {{rows}} where appearance = 'played'
),
misattributed as (
    select v.group_key, v.load_id, count(*) as facts
    from versions v
    join shooters s on s.game_id = v.game_id
    left join attempts a on a.group_key = v.group_key and a.load_id = v.load_id and a.player_id = s.player_id
    where abs(coalesce(a.fg_attempts, 0) - s.shots) > 1
    group by 1, 2
),
by_team as (
select v.group_key, v.load_id,
    sum(case
        when b.team_id is null then {_TEAM}
        when t.team_id is null then case when k.scored <> b.points then 1 else 0 end
        else {_WRONG_SUMS}
    end) as facts
from versions v
join sides k on k.game_id = v.game_id
left join sums b on b.group_key = v.group_key and b.load_id = v.load_id and b.team_id = k.team_id
left join team_box t on t.game_id = k.game_id and t.team_id = k.team_id
group by 1, 2
)
select v.group_key, v.load_id, coalesce(b.facts, 0) + coalesce(m.facts, 0) as facts
from versions v
left join by_team b on b.group_key = v.group_key and b.load_id = v.load_id
left join misattributed m on m.group_key = v.group_key and m.load_id = v.load_id
"""

_OF_SHOTS = """
with counted as (
    select
        group_key, load_id, game_id, team_id,
        count(*) as attempts, count_if(is_made) as makes, count_if(shot_value = 3) as threes
    from {rows} group by 1, 2, 3, 4
)
select c.group_key, c.load_id,
    sum(abs(c.attempts - k.fg_attempts) + abs(c.makes - k.fg_makes) + abs(c.threes - k.three_attempts)) as facts
from counted c
join team_box k on k.game_id = c.game_id and k.team_id = c.team_id
group by 1, 2
"""

# Nothing else is known of a quote; that it has two sides is.
_OF_QUOTES = """
select group_key, load_id, count_if(over_price is null or under_price is null) as facts from {rows} group by 1, 2
"""

_GAMES = ("raw_schedule", "raw_results")

WHOLES: Mapping[str, Whole] = {
    "raw_team_box": Whole("game {}", (Part("teams", "team_id"),), _OF_TEAM_BOX, _GAMES),
    "raw_shots": Whole(
        "game {}, team {}",
        # Sources number shots each in its own way: only how many there are can be compared.
        (Part("shots", "row_number() over (partition by group_key, load_id order by source_shot_no)", several=3),),
        _OF_SHOTS,
        (*_GAMES, "raw_team_box"),
    ),
    "raw_player_box": Whole(
        "game {}",
        (
            Part("teams", "team_id"),
            Part("players", "case when appearance = 'played' and minutes > 0 then player_id end"),
        ),
        _OF_PLAYER_BOX,
        (*_GAMES, "raw_team_box", "raw_shots"),
    ),
    "raw_prop_quotes": Whole(
        "quotes of event {}, book {}, {}, {}, {}",
        (
            Part("over prices", "case when over_price is not null then line end"),
            Part("under prices", "case when under_price is not null then line end"),
        ),
        _OF_QUOTES,
    ),
}
"""By raw table, those that bear witness first. Of the others nothing is known that versions could be compared by."""
