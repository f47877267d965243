"""A small home that holds something of every kind: corrections, rejects, failures that were mended, waivers, verdicts, a graded ledger."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

import backcourt
from backcourt.field import clock
from backcourt.field.markets import MARKETS
from backcourt.home import Home
from backcourt.record.pmf_files import key_of, write_pmfs
from backcourt.record.writer import append
from backcourt.simulate import simulate
from backcourt.sources.decisions import DROP
from backcourt.work.decide import alias, decide_held, map_event
from backcourt.work.grade import grade
from backcourt.work.waive import unwaive, waive
from tests.faults.conftest import WITHOUT
from tests.faults.trials import cut
from tests.record.evening import forecast_row, pick_row
from tests.sources.rows import player, write_csv

_OFFICIAL = '''from backcourt.engine.declare.table import AFTER_GAME, Table, keys, same

table = Table(
    phase=3,
    grain=("game_date", "game_id"),
    known=AFTER_GAME,
    expects=keys("select game_date, game_id from schedule where is_real_game"),
    reads={{"schedule": same()}},
    sql="""
select
    s.game_date::date as game_date,  -- date of the game
    s.game_id::varchar as game_id,  -- game
    {number}::bigint as number  -- a number that it hasn't everywhere
from schedule s
where s.is_real_game
""",
)
'''


def build(folder: Path, seed: int = 20) -> Home:
    """Such a home in `folder/home`, of eight dates with two games each."""
    simulate(folder / "all", seasons=1, seed=seed, games_per_team=4, share_of_games_with_props=0.5)
    cut(folder / "all", folder / "raw", dates=8, games_a_day=2, without=WITHOUT)
    home = backcourt.open(folder / "home")
    home.init(simulated=True)
    home.ingest(folder / "raw")
    _fail_and_mend(home)
    _correct(home, folder)
    _settle(home, folder)
    home.run()
    _waive(home)
    _say(home)
    home.verify("phase3", save=True)
    home.verify(save=True)
    return home


def _fail_and_mend(home: Home) -> None:
    """A table of the home's own fails on some dates, and then doesn't."""
    file = home.path / "tables" / "numbers.py"
    file.parent.mkdir()
    for number in ("case when s.game_id like '%1' then 'x' else '1' end", "1"):
        file.write_text(_OFFICIAL.format(number=number))
        backcourt.open(home.path).run()


def _correct(home: Home, folder: Path) -> None:
    """A second version of one game's boxes and shots, and a row that no version takes."""
    later = folder / "later"
    later.mkdir()
    with duckdb.connect() as connection:
        for name, column in (("player_box", "PLUS_MINUS"), ("shots_shotchartdetail", "LOC_X")):
            file = next((folder / "raw").rglob(f"{name}*.parquet"))
            game = f"(select min(\"GAME_ID\") from '{file}')"
            connection.execute(
                f'copy (select * replace ("{column}" + 1 as "{column}") from \'{file}\' where "GAME_ID" = {game}) '
                f"to '{later / name}.parquet' (format parquet)"
            )
    write_csv(later / "wrong.csv", [player(11, PTS=26), player(12, REB=1)])
    backcourt.open(home.path).ingest(later)


def _settle(home: Home, folder: Path) -> None:
    """A held version that a person dropped and one that nobody did, an alias, and an event that was settled."""
    parts = []
    with duckdb.connect() as connection:
        file = next((folder / "raw").rglob("player_box_2*.parquet"))
        for place in (1, 2):
            game = f"(select distinct \"GAME_ID\" from '{file}' order by 1 limit 1 offset {place})"
            of_game = f"(select * from '{file}' where \"GAME_ID\" = {game})"
            parts.append(folder / f"part-{place}.parquet")
            connection.execute(
                f'copy (select * from {of_game} where "TEAM_ID" = (select min("TEAM_ID") from {of_game})) '
                f"to '{parts[-1]}' (format parquet)"
            )
    assert len([told for file in home.ingest(*parts).files for told in file.held]) == 2
    decide_held(home, parts[0].name, word=DROP)
    ((name, number),) = home.sql(
        "select player_name_raw, min(player_id) from prop_quotes where player_id is not null group by 1 order by 1 limit 1"
    ).fetch()
    alias(home, str(name), str(number))
    ((event, game),) = home.sql(
        "select e.source_event_id, g.game_id from odds_events e join games g on g.game_date = e.game_date "
        "and g.home_team_id = e.home_team_id order by all limit 1"
    ).fetch()
    map_event(home, str(event), str(game))


def _waive(home: Home) -> None:
    days = [day for (day,) in home.sql("select distinct game_date from games order by 1").fetch()]
    for table, day in (("player_game_summary", days[1]), ("team_box", days[2]), ("player_form", days[3])):
        waive(home, table, day, reason="tried", until=date.max.replace(year=2100))
    unwaive(home, "player_form", days[3])
    home.run()


def _say(home: Home) -> None:
    """Forecasts and a pick for everybody of the last two slates, two batches of each, graded."""
    slates = home.sql(
        "select p.game_date, p.game_id, p.player_id, g.lock_at from slate_players p join games g using (game_date, game_id) "
        "where p.team_id is not null and p.game_date in (select distinct game_date from games order by 1 desc limit 2) order by all"
    ).fetch()
    days = sorted({row[0] for row in slates})
    for day in days:
        _say_of(home, day, [row for row in slates if row[0] == day])
    for day in days:
        grade(home, day)


def _say_of(home: Home, day: Any, slate: list[tuple[Any, ...]]) -> None:
    keys = [key_of("market_blend", row[2]) for row in slate]
    values = MARKETS["points"].kmax + 1
    file, digest = write_pmfs(home.path, day, "points", keys, np.full((len(slate), values), 1 / values))
    rows = [
        forecast_row(
            player_id, game_date=day, game_id=game, lock_at=lock, cutoff_at=lock - timedelta(hours=9), as_of_at=lock - timedelta(hours=9),
            pmf_file=file, pmf_sha256=digest,
        )
        for _, game, player_id, lock in slate
    ]  # fmt: skip
    with home.writing("predict") as work:
        words = {"run_id": work.run_id, "now": clock.now(), "fingerprint": "m1", "inputs_hash": "s1"}
        situation = work.situation()
        ids = append(work.warehouse, situation, "forecasts", {name: [row[name] for row in rows] for name in rows[0]}, **words).ids
        picks = [
            pick_row(
                row["player_id"],
                said,
                game_date=day,
                game_id=row["game_id"],
                captured_at=row["lock_at"] - timedelta(hours=4),
                lead_seconds=4 * 3600,
            )
            for row, said in zip(rows, ids, strict=True)
        ]
        append(work.warehouse, situation, "picks", {name: [row[name] for row in picks] for name in picks[0]}, **words)
