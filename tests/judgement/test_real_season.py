"""The whole of 2024-25: something is said of every quoted player and market, graded, and every day adds up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import backcourt
from backcourt.field.markets import MARKETS
from backcourt.home import Home
from backcourt.judgement.grade import GradeReport
from backcourt.record.writer import append
from backcourt.tables.ledger.current import STATUSES, conservation, statuses
from backcourt.work.grade import grade
from tests.conftest import UNAVAILABLE, BuiltHome

# Whole seasons take long; `test_conservation.py` says the same of random days.
pytestmark = pytest.mark.slow

FIRST, LAST = date(2024, 10, 22), date(2025, 6, 30)
NOW = "2025-07-01T12:00:00"

_MARKETS = ", ".join(f"'{market}'" for market in MARKETS)
_QUOTES = f"""
select q.*, row_number() over (
    partition by q.game_date, q.game_id, q.player_id, q.market, q.book, q.line order by q.captured_at desc nulls last, q.source_event_id
) as age
from prop_quotes q
where q.game_date between date '{FIRST}' and date '{LAST}' and q.player_id is not null and q.game_id is not null
    and q.market in ({_MARKETS}) and (q.captured_at is null or q.captured_at < q.lock_at)
"""
_QUANTILES = {"q05": 0.3, "q10": 0.4, "q25": 0.7, "q75": 1.3, "q90": 1.6, "q95": 1.8}
_FORECASTS = f"""
select
    q.game_date, 'REPLAY' as kind, 'base_l5' as system, q.market, q.player_id, q.game_id, g.lock_at as cutoff_at, 'm1' as model_hash,
    'lock' as moment, g.lock_at as as_of_at, g.lock_at, 's1' as snapshot_id, 'f1' as manifest_hash, median(q.line) as point,
    median(q.line) as mean, median(q.line) as median, sqrt(1.5 * median(q.line)) as sd,
    {", ".join(f"{share} * median(q.line) as {name}" for name, share in _QUANTILES.items())},
    null::double as p_play, null::double as n_eff, case when q.player_id % 3 = 0 then 'PARTIAL' else 'FULL' end as data_tier,
    null::varchar as abstain_reason, null::varchar as pmf_file, null::varchar as pmf_sha256
from ({_QUOTES}) q join games g on g.game_date = q.game_date and g.game_id = q.game_id
group by q.game_date, q.market, q.player_id, q.game_id, g.lock_at order by all
"""
_IS_OVER = "hash(q.player_id, q.line) % 2 = 0"
_PICKS = f"""
select
    q.game_date, f.forecast_id, q.market, q.player_id, q.game_id, q.book, q.line, q.captured_at,
    date_diff('second', q.captured_at, q.lock_at) as lead_seconds, case when {_IS_OVER} then 'over' else 'under' end as side,
    case when {_IS_OVER} then q.over_price_decimal else q.under_price_decimal end as price, 0.5 as p_win, 0.0 as p_push, 0.0 as ev,
    0.0 as ev_low, 0.5 as break_even, case hash(q.player_id, q.book) % 3 when 0 then 'PASS' else 'LEAN' end as action,
    'test' as reason, '[]' as circumstances, '1' as policy_version
from ({_QUOTES}) q
join forecasts f on f.game_date = q.game_date and f.game_id = q.game_id and f.player_id = q.player_id and f.market = q.market
where q.age = 1 order by all
"""


@pytest.fixture(scope="module")
def season(real_home: BuiltHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, GradeReport]]:
    """A copy of the real home in which the season was forecast and picked afterwards, and graded once."""
    folder = tmp_path_factory.mktemp("season")
    shutil.copyfile(real_home.home.warehouse_file, folder / "warehouse.duckdb")
    shutil.copyfile(UNAVAILABLE, folder / "backcourt.toml")
    home = backcourt.open(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKCOURT_NOW", NOW)
        with home.writing("predict") as work:
            warehouse, situation = work.warehouse, work.situation()
            for table, sql in (("forecasts", _FORECASTS), ("picks", _PICKS)):
                names = [name for name, _ in warehouse.describe(sql)]
                columns: dict[str, Any] = dict(zip(names, map(list, zip(*warehouse.query(sql), strict=True)), strict=True))
                words = {"run_id": "predict-test", "now": situation.facts.now, "fingerprint": "m1", "inputs_hash": "s1"}
                append(warehouse, situation, table, columns, **words)
        yield home, grade(home, FIRST, LAST)
    shutil.rmtree(folder)


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query on the home's warehouse."""
    with home.reading() as warehouse:
        return warehouse.query(sql)


def test_every_day_of_the_season_adds_up(season: tuple[Home, GradeReport]) -> None:
    home, report = season
    assert report.unbalanced == 0 and query(home, conservation()) == []
    sums = ", ".join(f"count(*) filter (status = '{status}')" for status in STATUSES)
    days = query(home, f"select game_date, count(*), {sums} from ({statuses()}) group by 1 order by 1")
    said = dict(
        query(home, "select game_date, count(*) from (select game_date from forecasts union all select game_date from picks) group by 1")
    )
    assert len(days) > 150 and {day: sum(counts) for day, _, *counts in days} == said
    assert report.published["forecast"] > 15_000 and report.published["pick"] > 30_000


def test_what_happened_to_them_is_plausible(season: tuple[Home, GradeReport]) -> None:
    home, report = season
    forecasts, picks = report.counts["forecast"], report.counts["pick"]
    # Of the players that books listed in spring 2024, 4.1 % did not appear.
    assert 0.01 < forecasts["VOID"] / report.published["forecast"] < 0.08
    assert 0.4 < picks["WON"] / (picks["WON"] + picks["LOST"]) < 0.6
    ungraded = query(
        home, f"select distinct g.season_type from ({statuses()}) s join games g using (game_date, game_id) where s.status = 'UNGRADED'"
    )
    assert {kind for (kind,) in ungraded} <= {"play_in", "cup_final"} and report.overdue == []
    assert query(
        home, "select count(*) from grades where subject_kind = 'pick' and status in ('WON', 'LOST') and rule_set = 'fantasy'"
    ) == [(0,)]
    ((n, worst, mean),) = query(home, "select count(crps), max(crps), avg(crps) from grades where subject_kind = 'forecast'")
    assert n == forecasts["NO_ACTION"] and 1 < mean < 5 < worst
    ((low, high),) = query(home, "select min(pit), max(pit) from grades")
    assert 0 <= low < 0.01 and 0.99 < high <= 1
    qualities = dict(query(home, "select close_quality, count(*) from grades where subject_kind = 'pick' group by 1"))
    assert qualities["TRUE"] > 1000 and qualities["NONE"] > 1000


def test_the_gate_is_met_and_a_second_grading_changes_nothing(season: tuple[Home, GradeReport]) -> None:
    home, report = season
    before = query(home, "select count(*), max(batch_id) from batches")
    again = grade(home, FIRST, LAST)
    assert (again.outcomes, again.grades, again.counts) == (0, 0, report.counts)
    assert query(home, "select count(*), max(batch_id) from batches") == before
    verdict = home.verify("ledger")
    assert verdict.failed_checks == []
    # Listed players whom no book quoted were not forecast here; everything else is there.
    assert {p.table for p in verdict.unmet} == {"forecasts"}
