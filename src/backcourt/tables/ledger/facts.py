"""What the sources say today of every player and game that something was said about, and how it is compared with what was kept."""

from __future__ import annotations

from backcourt.field.markets import MARKETS

FACT_COLUMNS = (*MARKETS, "seconds_played", "appeared", "game_status", "played_on")
"""The columns of an outcome that make a new version when they change."""

SUBJECTS = "select game_date, game_id, player_id from forecasts union select game_date, game_id, player_id from picks"

# A box is whole with players of two teams: from half a box nobody can tell who did not play. Exact seconds decide where a source gives
# them; a row that says `played` does elsewhere, because rounded minutes are 0 for half a minute.
_APPEARED = "case when box.seconds_played is not null then box.seconds_played > 0 else coalesce(box.appearance = 'played', false) end"

FACTS = f"""
select
    said.game_date, said.game_id, said.player_id,
    {", ".join(f"case when known.game_status = 'final' and {_APPEARED} then {m.target} end as {m.id}" for m in MARKETS.values())},
    case when known.game_status = 'final' then box.seconds_played end as seconds_played,
    known.game_status = 'final' and {_APPEARED} as appeared,
    known.game_status,
    case when known.game_status = 'final' then known.game_date end as played_on
from ({SUBJECTS}) as said
join (
    select
        said_games.said_date, s.game_id, s.game_date,
        case
            when s.status = 'cancelled' then case when coalesce(boxes.teams, 0) > 0 then 'abandoned' else 'cancelled' end
            when coalesce(r.is_final, false) then case when coalesce(boxes.teams, 0) >= 2 then 'final' end
            when s.status = 'postponed' or s.game_date > said_games.said_date then 'postponed'
        end as game_status
    from (select distinct game_date as said_date, game_id from ({SUBJECTS}) as said) as said_games
    join schedule s on s.game_id = said_games.game_id
    left join results r on r.game_id = s.game_id
    left join (select game_id, count(distinct team_id) as teams from player_box group by game_id) as boxes on boxes.game_id = s.game_id
) as known on known.game_id = said.game_id and known.said_date = said.game_date
left join player_box box on box.game_id = said.game_id and box.player_id = said.player_id
where known.game_status is not null
"""
"""One row per date, game and player of the ledger whose facts are known: the columns of FACT_COLUMNS."""


def as_key(player: str = "player_id") -> str:
    """The facts of a row as one text, so that a changed fact is another key."""
    facts = " || ' ' || ".join(f"coalesce(cast({name} as varchar), '-')" for name in FACT_COLUMNS)
    return f"cast({player} as varchar) || ' ' || {facts}"


def latest(rows: str) -> str:
    """SQL of the latest version of each outcome in `rows`."""
    return (
        f"select * from (select *, row_number() over (partition by game_date, game_id, player_id order by version desc) as age from {rows}) "
        "as versions where age = 1"
    )
