"""The status that counts: of each subject the grade of its latest outcome by the newest grader. And that none is lost or counted twice."""

from __future__ import annotations

STATUSES = ("WON", "LOST", "PUSH", "VOID", "NO_ACTION", "UNGRADED")

PUBLISHED = """
select
    'forecast' as subject_kind, forecast_id as subject_id, game_date, game_id, player_id, kind, system, market, cast(null as varchar) as side,
    data_tier, cast(null as varchar) as action
from forecasts
union all
select
    'pick', p.pick_id, p.game_date, p.game_id, p.player_id, p.kind, f.system, p.market, p.side, f.data_tier, p.action
from picks p
left join forecasts f on f.game_date = p.game_date and f.forecast_id = p.forecast_id
"""
"""Everything that was said, with what it is counted by."""

_COUNTED_BY = ("game_date", "subject_kind", "kind", "system", "market", "side", "data_tier", "action")


def over() -> str:
    """SQL of the games of which a status is due: final, or not to be played as scheduled."""
    return (
        "select s.game_id from schedule s left join results r on r.game_id = s.game_id "
        "where coalesce(r.is_final, false) or s.status in ('postponed', 'cancelled')"
    )


_NEWEST_FIRST = "outcome_version desc, grader_version desc, case when status = 'UNGRADED' then 1 else 0 end"
"""Which grade of a subject counts: of its latest outcome, by the newest grader; a final status before UNGRADED."""


def current(rows: str = "grades") -> str:
    """SQL of the grades that count. Two rows of one subject come out only if two final statuses contradict each other."""
    return (
        f"select * from (select *, rank() over (partition by game_date, subject_id order by {_NEWEST_FIRST}) as age from {rows}) as ranked "
        "where age = 1"
    )


def current_one(rows: str = "grades") -> str:
    """SQL of the grades that count, one of each subject: where two final statuses contradict each other, the one written last."""
    return (
        f"select * from (select *, row_number() over (partition by game_date, subject_id order by {_NEWEST_FIRST}, graded_at desc, "
        f"grade_id desc) as age from {rows}) as ranked where age = 1"
    )


def statuses(rows: str = "grades") -> str:
    """SQL of everything that was said with its status; what has no grade yet is UNGRADED(not_final)."""
    return (
        "select said.*, coalesce(graded.status, 'UNGRADED') as status, coalesce(graded.reason, 'not_final') as reason, graded.units, "
        f"graded.outcome_version, graded.grader_version from ({PUBLISHED}) as said left join ({current(rows)}) as graded "
        "on graded.game_date = said.game_date and graded.subject_id = said.subject_id"
    )


def conservation(rows: str = "grades") -> str:
    """SQL of the groups (day, system, market, side, tier, action) of graded games whose published number isn't the sum of their statuses."""
    groups = ", ".join(f"said.{name}" for name in _COUNTED_BY)
    sums = ", ".join(f"count(*) filter (graded.status = '{status}') as {status.lower()}" for status in STATUSES)
    total = " + ".join(status.lower() for status in STATUSES)
    return (
        f"select 'all' as season, * from (select {groups}, count(distinct said.subject_id) as published, {sums} from ({PUBLISHED}) as said "
        f"join (select distinct game_date, game_id from {rows}) as games on games.game_date = said.game_date and games.game_id = said.game_id "
        f"left join ({current(rows)}) as graded on graded.game_date = said.game_date and graded.subject_id = said.subject_id "
        f"group by {groups}) as counted where published <> {total}"
    )
