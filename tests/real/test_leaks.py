"""The as-of proof on the real seasons: it passes, and it finds each leak that is planted into the real tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.table import Reads, Table, same
from backcourt.work.proof import leaktest, recompute
from tests.conftest import BuiltHome, foreign

# The first date of a season, nights with quotes between tip-off and lock, two with in-play points lines, the second in the playoffs.
NIGHTS = (date(2023, 10, 24), date(2024, 3, 8), date(2024, 4, 14), date(2024, 5, 5))


@pytest.mark.slow
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


def tonight(column: str, row: str) -> Callable[[Table], Table]:
    """What he scores tonight in the place of a column; `row` is the alias of the last select."""

    def plant(table: Table) -> Table:
        leak = f"(select max(t.points) from player_game_summary as t where t.game_date = {row}.game_date and t.player_id = {row}.player_id)"
        old = next(line for line in table.sql.splitlines() if f" as {column},  --" in line)
        new = old.replace(old.strip().rpartition("::")[0], f"({leak})")
        reads = {"player_game_summary": same(optional=True)}
        earlier = table.reads.get("player_game_summary")
        if earlier:
            reads["player_game_summary"] = replace(earlier, includes_day=True)
        return replace(table, sql=table.sql.replace(old, new), reads={**table.reads, **reads})

    return plant


def tonights_shots(table: Table) -> Table:
    """The window that ends with tonight's game instead of the last appearance."""
    reads = {"player_game_summary": replace(table.reads["player_game_summary"], includes_day=True)}
    return edit(table, "form.game_date = slate.last_appearance_date", "form.game_date = slate.game_date", **reads)


PLANTED_IN_PHASE_FOUR: dict[str, Callable[[Table], Table]] = {
    "team_defense_zone_analysis": day_itself,
    "team_defense_position_analysis": day_itself,
    "player_shot_zone_analysis": tonights_shots,
    "player_recency": tonights_shots,
    "player_composite_factors": tonight("pace_score", "scored"),
    "player_daily_cache": tonight("points_mean_last5", "form"),
    "ml_feature_store": tonight("points_mean_last3", "slate"),
    "feature_readiness": tonight("is_ready", "answered"),
}


def test_every_table_of_phase_four_has_a_leak_planted(real_home: BuiltHome) -> None:
    assert {node.name for node in real_home.home.catalog.built if node.phase == 4} == set(PLANTED_IN_PHASE_FOUR)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED_IN_PHASE_FOUR)
def test_a_leak_planted_in_phase_four_is_found(name: str, damaged_home: BuiltHome) -> None:
    home, night = damaged_home.home, NIGHTS[1]
    home.catalog = home.catalog.with_table(name, PLANTED_IN_PHASE_FOUR[name](home.catalog[name].table))
    home.run(Selection(tables=(name,), dates=(night,)))
    found = leaktest(home, days=(night,), tables=(name,)).leaks
    assert {found_leak.table for found_leak in found} == {name}


@pytest.mark.slow
@pytest.mark.parametrize("night", [date(2022, 11, 18), date(2024, 4, 14)])
def test_random_results_from_tonight_on_change_nothing(night: date, damaged_home: BuiltHome) -> None:
    home = damaged_home.home
    facts = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
    with foreign(home) as warehouse:
        for table in facts:
            kinds = {name: kind for name, kind in warehouse.columns(table) if kind in ("BIGINT", "DOUBLE", "BOOLEAN")}
            noise = ", ".join(
                f"{name} = " + ("random() < 0.5" if kind == "BOOLEAN" else f"floor(random() * 50)::{kind}")
                for name, kind in kinds.items()
                if not name.endswith("_id")
            )
            warehouse.query(f"update {table} set {noise} where game_date >= ?", [night])
        ((quotes,),) = warehouse.query("select count(*) from prop_quotes where game_date = ?", [night])
        warehouse.query(
            "insert into prop_quotes select * replace (line + 7 as line, captured_at + interval 1 day as captured_at, "
            "'live' as capture_phase) from prop_quotes where game_date = ?", [night],
        )  # fmt: skip
        assert warehouse.query("select count(*) from prop_quotes where game_date = ?", [night]) == [(2 * quotes,)]
    as_of = tuple(node.name for node in home.catalog.built if node.table.known.kind == "as_of")
    compared, differences = recompute(home, Selection(tables=as_of, dates=(night,)), None)
    assert compared == len(as_of) and differences == []
    # The same noise does change what may read it.
    _, changed = recompute(home, Selection(tables=("player_game_summary",), dates=(night,)), None)
    assert len(changed) == 1


PLANTED: dict[str, tuple[str, Callable[[Table], Table]]] = {
    "<= on the date": ("upcoming_team_game_context", day_itself),
    "rows from who played": ("slate_players", who_played),
    "an in-play quote": ("upcoming_player_game_context", in_play_quotes),
    "a league average including the day": ("player_form", league_average_with_the_day),
}


SLOWLY = ("rows from who played", "an in-play quote", "a league average including the day")


@pytest.mark.parametrize("leak", [pytest.param(leak, marks=pytest.mark.slow) if leak in SLOWLY else leak for leak in PLANTED])
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
