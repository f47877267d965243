"""What every derived table carries and every as-of query says the same way: seasons, tiers, readable quotes, column lines."""

from __future__ import annotations

SEASONS = """season_openers as (
    select season, min(game_date) as opened_on from games group by season
),
seasons as (
    select
        season, opened_on,
        lag(season) over (order by opened_on) as previous_season,
        lag(season, 2) over (order by opened_on) as second_previous_season,
        lag(season, 3) over (order by opened_on) as third_previous_season
    from season_openers
)"""
"""CTEs over `games`: one row per season with its opening date and the loaded seasons before it (NULL where none is loaded)."""

TEAM_GAMES = """team_games as (
    select game_date, game_id, season, season_type, home_team_id as team_id, away_team_id as opponent_team_id, true as is_home
    from games where status = 'scheduled'
    union all
    select game_date, game_id, season, season_type, away_team_id, home_team_id, false
    from games where status = 'scheduled'
)"""
"""CTE over `games`: one row per team and game that is neither postponed nor cancelled."""


def column(expression: str, kind: str, name: str, meaning: str, group: str = "") -> str:
    """One line of a table's last select; `group` names the null group that explains a NULL."""
    explained = f" [null: {group}]" if group else ""
    return f"    ({expression})::{kind} as {name},  -- {meaning}{explained}"


def reason(group: str, *cases: tuple[str, str]) -> str:
    """The column `<group>_null_reason`: the code of the first condition that holds, NULL when none does."""
    branches = " ".join(f"when {condition} then '{code}'" for condition, code in cases)
    return reason_from(group, f"case {branches} end")


def reason_from(group: str, expression: str) -> str:
    """The column `<group>_null_reason` from an expression that gives the code, such as the reason of another table's row."""
    return f"    ({expression})::varchar as {group}_null_reason,  -- why a column of the group {group} is NULL"


def days_between(earlier: str, later: str) -> str:
    """Whole calendar days from `earlier` to `later`."""
    return f"date_diff('day', {earlier}, {later})"


def day_number(date: str) -> str:
    """A date as a number, for windows of days: RANGE over a number exists in every engine, RANGE over an interval does not."""
    return days_between("date '2000-01-01'", date)


def readable(quote: str) -> str:
    """The condition under which a feature may read a timed quote: captured before its game locks (tables 1.2)."""
    return f"{quote}.capture_phase in ('pre_tip', 'at_tip') and {quote}.captured_at < {quote}.lock_at"


def is_bootstrap(date: str, opened_on: str) -> str:
    """Is the date in the first 14 days of the league's season?"""
    return f"{days_between(opened_on, date)} < 14"


def tier_rank(tier: str) -> str:
    """A source tier as a number, so that the worst of several is their maximum."""
    return f"case {tier} when 'reconstructed' then 2 when 'fallback' then 1 else 0 end"


def tier_name(rank: str) -> str:
    """The source tier of a rank; nothing read counts as primary."""
    return f"case {rank} when 2 then 'reconstructed' when 1 then 'fallback' else 'primary' end"
