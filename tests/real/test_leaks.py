"""The as-of proof on the real seasons: it passes, and it finds each leak that is planted into the real tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from backcourt.engine.plan import Selection
from backcourt.engine.table import Reads, Table, same
from backcourt.proof import leaktest
from tests.conftest import BuiltHome

# The first date of a season, nights with quotes between tip-off and lock, two with in-play points lines, the second in the playoffs.
NIGHTS = (date(2023, 10, 24), date(2024, 3, 8), date(2024, 4, 14), date(2024, 5, 5))


def test_no_as_of_table_sees_the_future(real_home: BuiltHome) -> None:
    proof = leaktest(real_home.home, slates=6, seed=3)
    assert [str(leak) for leak in proof.leaks] == []
    catalog = real_home.home.catalog
    assert set(proof.compared) == {node.name for node in catalog.built if node.phase >= 2 and node.table.known.kind == "as_of"}
    assert {node.name for node in catalog.built if node.phase == 4} <= set(proof.compared)
    assert min(proof.rows.values()) > 0


def edit(table: Table, old: str, new: str, **reads: Reads) -> Table:
    """The table with one piece of its query replaced, reading what the leak needs."""
    assert old in table.sql, f"{old!r} is no longer in the query; plant the leak elsewhere"
    return replace(table, sql=table.sql.replace(old, new), reads={**table.reads, **reads})


def day_itself(table: Table) -> Table:
    """`<=` on the date: tonight's own result counts among a team's earlier ones."""
    reads = {name: replace(r, includes_day=True) if r.back_seasons and not r.includes_day else r for name, r in table.reads.items()}
    assert "and 1 preceding" in table.sql
    return replace(table, sql=table.sql.replace("and 1 preceding", "and current row"), reads=reads)


def who_played(table: Table) -> Table:
    """Rows only for those who turned out to play."""
    played = "select 1 from player_box as played where played.game_date = listed.game_date and played.player_id = listed.player_id"
    tail = f"where exists ({played})"
    return replace(table, sql=f"{table.sql.rstrip()}\n{tail}\n", reads={**table.reads, "player_box": same(optional=True)})


def in_play_quotes(table: Table) -> Table:
    """No cut-off: the last quote of all, in-play ones included."""
    return edit(
        table, "quotes.capture_phase in ('pre_tip', 'at_tip') and quotes.captured_at < quotes.lock_at", "quotes.captured_at is not null"
    )


def league_average_with_the_day(table: Table) -> Table:
    """A league average that holds the day's own games."""
    leak = "(select sum(f.points)::double from team_offense_game_summary as f where f.game_date <= slate.game_date)"
    reads = {name: replace(r, includes_day=True) if name == "team_offense_game_summary" else r for name, r in table.reads.items()}
    old = next(line for line in table.sql.splitlines() if "::double as points_mean_last3," in line)
    new = old.replace(old.strip().rpartition("::double as")[0], f"({leak})")
    return replace(table, sql=table.sql.replace(old, new), reads=reads)


PLANTED: dict[str, tuple[str, Callable[[Table], Table]]] = {
    "<= on the date": ("upcoming_team_game_context", day_itself),
    "rows from who played": ("slate_players", who_played),
    "an in-play quote": ("upcoming_player_game_context", in_play_quotes),
    "a league average including the day": ("player_form", league_average_with_the_day),
}


@pytest.mark.parametrize("leak", PLANTED)
def test_a_planted_leak_is_found(leak: str, damaged_home: BuiltHome) -> None:
    name, plant = PLANTED[leak]
    home = damaged_home.home
    planted = plant(home.catalog[name].table)
    if leak == "rows from who played":
        planted = replace(planted, expects=replace(planted.expects, sql=None))
    home.catalog = home.catalog.with_table(name, planted)
    home.run(Selection(tables=(name,), dates=NIGHTS))
    found = leaktest(home, days=NIGHTS, tables=(name,)).leaks
    assert {found_leak.table for found_leak in found} == {name}
