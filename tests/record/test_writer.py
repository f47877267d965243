"""The one writer: what it keeps, what it refuses, and that it never leaves half a batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError, LockedError, QueryError
from backcourt.record.chain import verify_chain
from backcourt.record.writer import append
from tests.plain_relations import CATALOG
from tests.record.evening import AFTER, DAY, GAME, LOCK, MORNING, Evening, forecast_row, pick_row


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    """An evening with one game; nothing is said yet."""
    evening = Evening(tmp_path)
    yield evening
    evening.warehouse.close()


def contents(evening: Evening) -> list[list[tuple[object, ...]]]:
    """Everything that an append could touch."""
    tables = [*(node.name for node in CATALOG.appended), "receipts"]
    return [evening.warehouse.query(f"select * from {t} order by all") for t in tables if evening.warehouse.columns(t)]


def test_rows_their_batch_and_their_receipts_are_written_together(evening: Evening) -> None:
    done = evening.forecast(101, 102)
    assert (done.new, done.known, done.late, done.batch_id, done.kinds) == (2, 0, 0, 1, ("LIVE", "LIVE"))
    rows = evening.warehouse.query("select forecast_id, created_at, run_id, batch_id from forecasts order by player_id")
    assert [row[0] for row in rows] == list(done.ids)
    assert {row[1:] for row in rows} == {(MORNING, "test", 1)}
    assert evening.warehouse.query("select batch_id, table_name, kind, rows, anchored, game_date from batches") == [
        (1, "forecasts", "LIVE", 2, "unanchored", DAY)
    ]
    receipt = evening.situation().facts.receipts["forecasts"][DAY]
    assert (receipt.rows, receipt.fingerprint, receipt.inputs_hash) == (2, "m1", "s1")
    assert receipt.games == {GAME: 2}


def test_the_same_rows_again_write_nothing(evening: Evening) -> None:
    first = evening.forecast(101, 102)
    before = contents(evening)
    evening.now = MORNING + timedelta(minutes=5)
    again = evening.forecast(101, 102, mean=25.0)
    assert (again.new, again.known, again.batch_id, again.ids) == (0, 2, None, first.ids)
    assert contents(evening) == before


@pytest.mark.parametrize(("seconds", "kept"), [(-1, "LIVE"), (0, "REPLAY"), (3600, "REPLAY")])
def test_what_is_written_from_the_lock_on_is_a_replay(evening: Evening, seconds: int, kept: str) -> None:
    evening.now = LOCK + timedelta(seconds=seconds)
    done = evening.forecast(101)
    assert done.kinds == (kept,) and done.late == (kept == "REPLAY")
    (forecast_id,) = done.ids
    assert evening.append("picks", [pick_row(101, forecast_id)]).kinds == (kept,)


def test_a_pick_after_the_lock_on_a_live_forecast_is_a_replay(evening: Evening) -> None:
    (forecast_id,) = evening.forecast(101).ids
    evening.now = LOCK
    assert evening.append("picks", [pick_row(101, forecast_id)]).kinds == ("REPLAY",)


def test_a_replay_never_becomes_live_and_a_backtest_is_refused(evening: Evening) -> None:
    assert evening.forecast(101, kind="REPLAY").kinds == ("REPLAY",)
    with pytest.raises(BackcourtError, match=r"one_of\(kind\)"):
        evening.forecast(101, kind="BACKTEST")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"market": "dunks"}, "one_of(market)"),
        ({"data_tier": None}, "not_null"),
        ({"lock_at": LOCK + timedelta(hours=5)}, "the_lock_is_the_games"),
        ({"as_of_at": LOCK + timedelta(seconds=1)}, "nothing_is_known_after_the_lock"),
        ({"mean": float("nan")}, "a_forecast_or_a_reason"),
        ({"abstain_reason": "too_few_games"}, "a_forecast_or_a_reason"),
        ({"q10": 5.0}, "quantiles_rise"),
        ({"pmf_file": "x.parquet"}, "a_file_has_its_hash"),
        ({"p_play": 1.2}, "between(p_play"),
    ],
)
def test_a_forecast_that_breaks_a_rule_takes_its_whole_batch_along(evening: Evening, change: dict[str, object], rule: str) -> None:
    with pytest.raises(BackcourtError, match="nothing was written") as refused:
        evening.append("forecasts", [forecast_row(101), forecast_row(102, **change)])
    assert rule in str(refused.value)
    assert not any(contents(evening))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"lead_seconds": -1}, "lead_from_0"),
        ({"lead_seconds": 60}, "the_lead_is_to_the_lock"),
        ({"captured_at": LOCK, "lead_seconds": 0}, "the_lead_is_to_the_lock"),
        ({"captured_at": MORNING + timedelta(seconds=1), "lead_seconds": 34199}, "the_line_was_seen_before"),
        ({"price": 1.0}, "price_above_1"),
        ({"side": "middle"}, "one_of(side)"),
        ({"line": None}, "no_line_or_a_whole_one"),
        ({"price": None}, "a_bet_has_a_price"),
        ({"forecast_id": "0" * 32}, "it_rests_on_a_forecast"),
        ({"player_id": 102}, "it_rests_on_a_forecast"),
    ],
)
def test_a_pick_that_breaks_a_rule_is_refused(evening: Evening, change: dict[str, object], rule: str) -> None:
    (forecast_id,) = evening.forecast(101).ids
    before = contents(evening)
    with pytest.raises(BackcourtError, match=rule.replace("(", r"\(").replace(")", r"\)")):
        evening.append("picks", [pick_row(101, forecast_id), pick_row(101, forecast_id, 21.5) | change])
    assert contents(evening) == before


def test_one_key_twice_in_a_batch_is_refused(evening: Evening) -> None:
    with pytest.raises(BackcourtError, match="2 of the rows have the key"):
        evening.forecast(101, 101)
    assert not any(contents(evening))


def test_a_moved_line_another_book_and_the_other_side_are_picks_of_their_own(evening: Evening) -> None:
    (forecast_id,) = evening.forecast(101).ids
    first = evening.append("picks", [pick_row(101, forecast_id)])
    moved = [
        pick_row(101, forecast_id, 21.5),
        pick_row(101, forecast_id, book="fanduel"),
        pick_row(101, forecast_id, side="under"),
        pick_row(101, forecast_id),
    ]
    done = evening.append("picks", moved)
    assert (done.new, done.known) == (3, 1)
    assert len({*first.ids, *done.ids}) == 4 and first.ids[0] == done.ids[3]


def test_columns_too_many_or_missing_and_other_tables_are_refused(evening: Evening) -> None:
    row = forecast_row(101)
    with pytest.raises(BackcourtError, match="the columns created_at are too many"):
        evening.append("forecasts", [row | {"created_at": MORNING}])
    del row["sd"]
    with pytest.raises(BackcourtError, match="the columns sd are too many or missing"):
        evening.append("forecasts", [row])
    with pytest.raises(BackcourtError, match="not a table of the ledger"):
        evening.append("slate_players", [row])


def test_numpy_columns_are_taken_as_they_are(evening: Evening) -> None:
    import numpy as np

    row = forecast_row(101, n_eff=float("nan"))
    columns = {name: np.array([value]) for name, value in row.items()}
    columns |= {"game_date": np.array(["2024-01-10"], "datetime64[D]"), "cutoff_at": np.array([MORNING], "datetime64[ns]")}
    words = {"run_id": "test", "now": MORNING, "fingerprint": "m1", "inputs_hash": "s1"}
    done = append(evening.warehouse, evening.situation(), "forecasts", columns, **words)
    assert evening.warehouse.query("select game_date, cutoff_at, n_eff from forecasts") == [(DAY, MORNING, None)]
    assert evening.forecast(101).ids == done.ids


def test_an_error_at_any_statement_leaves_everything_as_it_was(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    evening.forecast(101)
    before = contents(evening)
    query = evening.warehouse.query
    failed = 0
    for broken in range(1, 200):
        calls = 0

        def breaking(sql: str, parameters: object = (), broken: int = broken) -> object:
            nonlocal calls
            calls += 1
            if calls == broken:
                raise QueryError(f"broken at statement {broken}: {sql[:40]}")
            return query(sql, parameters)  # type: ignore[arg-type]

        situation = evening.situation()
        monkeypatch.setattr(evening.warehouse, "query", breaking)
        columns = {name: [value] for name, value in forecast_row(102).items()}
        try:
            append(evening.warehouse, situation, "forecasts", columns, run_id="r", now=MORNING, fingerprint="m", inputs_hash="s")
        except QueryError:
            failed += 1
        else:
            break
        finally:
            monkeypatch.setattr(evening.warehouse, "query", query)
            for stage in ("incoming", "ledger_ready", "ledger_new"):
                evening.warehouse.drop_stage(stage)
        if len(contents(evening)[0]) == 2:
            # The commit went through; what failed is putting the desk in order afterwards.
            break
        assert contents(evening) == before, f"statement {broken}"
    assert failed > 15
    assert evening.warehouse.query("select count(*) from forecasts") == [(2,)]
    assert verify_chain(evening.warehouse, CATALOG) == []


def test_of_two_writers_at_once_one_is_turned_away(evening: Evening) -> None:
    evening.forecast(101)
    other = evening.warehouse.sibling()
    situation, theirs = evening.situation(), evening.situation()
    words = {"run_id": "r", "now": MORNING, "fingerprint": "m", "inputs_hash": "s"}
    insert = other.insert
    done = []

    def slow(table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
        insert(table, columns, rows)
        if table == "batches":
            mine = {name: [value] for name, value in forecast_row(102).items()}
            done.append(append(evening.warehouse, situation, "forecasts", mine, **words))  # type: ignore[arg-type]

    other.insert = slow  # type: ignore[method-assign, assignment]
    with pytest.raises(LockedError, match="at the same time"):
        append(other, theirs, "forecasts", {name: [value] for name, value in forecast_row(103).items()}, **words)  # type: ignore[arg-type]
    other.close()
    assert [d.new for d in done] == [1]
    assert evening.warehouse.query("select player_id, batch_id from forecasts order by 1") == [(101, 1), (102, 2)]
    assert verify_chain(evening.warehouse, CATALOG) == []


def test_everything_is_refused_when_the_games_lock_is_unknown(evening: Evening) -> None:
    with pytest.raises(BackcourtError, match="the_lock_is_the_games"):
        evening.forecast(101, game_id="0022300999")
    assert evening.now < AFTER
