"""Reads the facts of everything that was said, and appends a version of each outcome that is new or was corrected."""

from __future__ import annotations

from datetime import date, datetime

from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse
from backcourt.features.frame import snapshot_id
from backcourt.judgement.rules import GRADER_VERSION
from backcourt.record.writer import Appended, append
from backcourt.tables.ledger.facts import FACT_COLUMNS, FACTS, as_key, latest

_READ = ("schedule", "results", "player_box")


def append_outcomes(warehouse: Warehouse, situation: Situation, start: date, end: date, *, run_id: str, now: datetime) -> Appended | None:
    """Append the outcomes of `start` to `end` (inclusive) that differ from their latest version; None when none does."""
    names = ("game_date", "game_id", "player_id", "version", *FACT_COLUMNS, "source")
    between = f"game_date between date '{start}' and date '{end}'"
    rows = warehouse.query(
        "select facts.game_date, facts.game_id, facts.player_id, coalesce(kept.version, 0) + 1, "
        f"{', '.join(f'facts.{name}' for name in FACT_COLUMNS)}, "
        "case when facts.game_status = 'final' then 'player_box' else 'schedule' end "
        f"from (select *, {as_key()} as key from ({FACTS}) as known where {between}) as facts "
        f"left join (select game_date, game_id, player_id, version, {as_key()} as key from ({latest('outcomes')}) as newest "
        f"where {between}) as kept using (game_date, game_id, player_id) where kept.key is distinct from facts.key order by 1, 2, 3"
    )
    if not rows:
        return None
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return append(
        warehouse, situation, "outcomes", columns, run_id=run_id, now=now, fingerprint=grader(), inputs_hash=facts_id(situation, start, end)
    )  # fmt: skip


def facts_id(situation: Situation, start: date, end: date) -> str:
    """A hash over the receipts of the sources that outcomes of these dates are read from."""
    found = [
        (name, day, receipt.content_hash)
        for name in _READ
        for day, receipt in sorted(situation.facts.receipts.get(name, {}).items())
        if start <= day <= end
    ]
    return snapshot_id(found)


def grader() -> str:
    """The grader's name in receipts."""
    return f"grader-{GRADER_VERSION}"
