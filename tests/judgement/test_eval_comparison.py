"""Tables compare on the same rows, put L5 and the market first, and slice by pre-game facts only."""

from __future__ import annotations

import numpy as np
import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.forecasting.run_folder import SCHEMA
from backcourt.judgement.comparison import by_slice, compare, values_of
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.populations import counts, mask
from backcourt.judgement.slices import PRE_GAME_COLUMNS, SLICES, PreGame, Slice, labels
from tests.judgement.run_folders import NOISE


def test_systems_stand_in_order_and_share_their_rows(run: EvaluatedRun) -> None:
    table = compare(run, "S24", "mae", "line")
    assert [row.system for row in table.systems][:3] == ["base_l5", "market", "line"]
    assert {row.n for row in table.systems} == {table.n}
    of_line = table.of("line")
    assert of_line.difference.estimate == 0 and of_line.difference.high == 0


def test_a_difference_is_the_mean_of_row_differences(run: EvaluatedRun) -> None:
    table = compare(run, "A25s", "crps", "base_l5", ["base_l5", "ensemble"], by_player=True)
    rows = mask(run, "A25s")
    ours = (run.score("ensemble", "crps") - run.score("base_l5", "crps"))[rows]
    found = table.of("ensemble")
    assert found.difference.estimate == pytest.approx(ours.mean()) and found.n == rows.sum()
    assert found.value - found.reference_value == pytest.approx(found.difference.estimate)
    assert found.difference.high < 0 and found.by_player is not None and found.by_player.high < 0


def test_a_system_that_abstains_is_compared_apart_and_does_not_shrink_the_table(run: EvaluatedRun) -> None:
    table = compare(run, "A25s", "mae", "base_l5")
    assert table.n == mask(run, "A25s").sum()
    (apart,) = [row for row in table.apart if row.system == "similarity"]
    assert apart.n < table.n and apart.reference_value != table.of("base_l5").value


def test_better_informed_systems_score_better(run: EvaluatedRun) -> None:
    table = compare(run, "A25s", "crps", "base_l5")
    better = sorted((row.value, row.system) for row in table.systems)
    assert better[0][1] == "ensemble" and better[-1][1] == "base_l5"
    assert NOISE["ensemble"] == min(noise for system, noise in NOISE.items() if system != "market")


def test_absent_players_are_in_no_average(run: EvaluatedRun) -> None:
    assert (~run.appeared).any() and not (mask(run, "A25s") & ~run.appeared).any()
    assert np.isnan(values_of(run, "ensemble", "bias", "A25s")[~run.appeared]).all()


def test_log_loss_needs_prices(run: EvaluatedRun) -> None:
    assert compare(run, "S24", "log_loss", "market").of("market").value == pytest.approx(0.69, abs=0.02)
    with pytest.raises(BackcourtError, match="market has no log_loss on D25"):
        compare(run, "D25", "log_loss", "market")


def test_the_parts_of_a_slice_make_the_whole(run: EvaluatedRun) -> None:
    whole = compare(run, "S24", "mae", "line", ["line", "ensemble"])
    for chosen in SLICES:
        parts = by_slice(run, "S24", "mae", "line", chosen, ["line", "ensemble"])
        assert sum(table.n for _, table in parts) == whole.n, chosen.name
        total = sum(table.n * table.of("ensemble").value for _, table in parts)
        assert total / whole.n == pytest.approx(whole.of("ensemble").value), chosen.name


@pytest.mark.parametrize("column", ["actual", "appeared", "ae", "logloss"])
def test_a_slice_by_a_result_is_refused(run: EvaluatedRun, column: str) -> None:
    cheating = Slice("by result", lambda rows: (rows[column] > 10).astype(str).astype(object))
    with pytest.raises(BackcourtError, match="isn't known before the game"):
        labels(run, cheating)
    with pytest.raises(BackcourtError, match="isn't known before the game"):
        labels(run, Slice("by result", cheating.label, is_lined=True), "S24")


def test_no_pre_game_column_is_a_result() -> None:
    results = {"actual", "appeared", *SCHEMA["scores"]} - {"row", "system"}
    assert not PRE_GAME_COLUMNS & results
    declared = {*SCHEMA["rows"], *SCHEMA["lines"], "blend_over"}
    assert declared >= PRE_GAME_COLUMNS
    assert list(PreGame({"actual": np.zeros(1), "tier": np.zeros(1)})) == ["tier"]


def test_populations_print_their_size_beside_the_documents(run: EvaluatedRun) -> None:
    listed = {row["population"]: row for row in counts(run)}
    assert set(listed) == {"A25s", "R25s", "S24", "Q24", "D25"}
    assert listed["A25s"]["printed"] == 25_786 and listed["A25s"]["not_forecast"] == 2
    assert listed["A25s"]["difference"] == listed["A25s"]["n"] + 2 - 25_786
    assert listed["Q24"]["printed"] is None and listed["Q24"]["difference"] is None


def test_unknown_names_are_refused(run: EvaluatedRun) -> None:
    with pytest.raises(BackcourtError, match="no population 'A99'"):
        mask(run, "A99")
    with pytest.raises(BackcourtError, match="no system 'oracle'"):
        run.score("oracle", "ae")
    with pytest.raises(BackcourtError, match="no metric 'hit_rate'"):
        compare(run, "A25s", "hit_rate", "base_l5")
