"""What goes into models of late against the same weeks of the years that they were trained on.

The calendar moves most features: compared with whole seasons, every spring would look like a break.
"""

from __future__ import annotations

from backcourt.judgement.leaks.remade import LeakMaterial
from backcourt.judgement.monitors import Drift, drifts

RECENT_DAYS, YEAR_DAYS, TRAINING_YEARS = 28, 365, 2


def recent_drift(store: LeakMaterial) -> list[Drift]:
    """Every feature of the last 28 regular-season days against those days of the two years before, the most moved first.

    None without rows on both sides. Playoffs are left out: in a round of four teams every average of a team is new.
    """
    regular = store.is_regular
    if not regular.any():
        return []
    age = (store.game_date[regular].max() - store.game_date).astype(int)
    now = regular & (age >= 0) & (age < RECENT_DAYS)
    then = regular & ~now & (age % YEAR_DAYS < RECENT_DAYS) & (age > 0) & (age < YEAR_DAYS * TRAINING_YEARS + RECENT_DAYS)
    if not then.any():
        return []
    return drifts(*({name: store.features[rows, place] for place, name in enumerate(store.names)} for rows in (then, now)))
