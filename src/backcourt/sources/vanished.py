"""A schedule is whole: what a newer one lacks of the games that were played is told."""

from __future__ import annotations

from datetime import datetime

from backcourt.engine.warehouse import Warehouse

# By season and kind, the digits 3 to 5 of a game's id.
_LACKING = """
with listed as (select distinct game_id from parsed where game_id is not null),
kinds as (select distinct substr(game_id, 3, 3) as kind from listed)
select count(*), min(s.game_id)
from schedule s
join kinds k on k.kind = substr(s.game_id, 3, 3)
where s.game_date < ? and s.game_id not in (select game_id from listed) and s.game_id in (select game_id from team_box)
"""


def vanished(warehouse: Warehouse, file: str, now: datetime) -> str | None:
    """A sentence if the schedule in `parsed` lacks past games that have a box; they stay as they were."""
    ((count, example),) = warehouse.query(_LACKING, [now.date()])
    if not count:
        return None
    return (
        f"{file}: {count:,} games that were played aren't in this schedule, e.g. {example}; they stay as they were. "
        "Where the file is a part of a schedule, that is why."
    )
