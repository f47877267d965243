"""The card: the same bytes from the same folders, every section there, attempts counted once, verdicts kept for picks."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.forecasting.trials import Trial, full_backtest_seconds, read_trials, reads, record
from backcourt.home import Home
from backcourt.judgement.report_card.build import build, standing, trial_of
from backcourt.judgement.report_card.card_blocks import card_blocks
from backcourt.judgement.report_card.figures import figure
from backcourt.judgement.report_card.inputs import card_inputs, runs_of
from backcourt.judgement.report_card.mark import MARK
from backcourt.judgement.report_card.plain import plain
from backcourt.judgement.report_card.write import write_card
from backcourt.judgement.standing import standing_fallbacks, standing_verdicts
from backcourt.work.reportcard import ReportCard, reportcard
from tests.judgement.run_folders import World, write_run

SECTIONS = (
    "Verdicts", "Targets", "All markets, S24", "Market: points", "Populations", "Point forecasts", "Distributions", "Probabilities",
    "Slices by what was known before the game", "Calibration", "What each system adds to the ensemble", "Gaps", "Prices", "Monitors",
    "Leak suite",
    "Conservation", "Timings",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with synthetic backtests of two markets and no store."""
    path = tmp_path_factory.mktemp("home")
    for market in ("points", "threes"):
        write_run(path / "runs" / "backtest" / market, market, World(dates=42, players=24))
    place = backcourt.open(path)
    place.init()
    place.snapshot_file.unlink()
    return place


@pytest.fixture(scope="module")
def written(home: Home) -> ReportCard:
    """Its card."""
    return reportcard(home)


def test_the_same_folders_give_the_same_bytes(home: Home, written: ReportCard) -> None:
    first = [file.read_bytes() for file in written.files]
    again = reportcard(home)
    assert again.files == written.files and [file.read_bytes() for file in again.files] == first
    assert not list(written.files[0].parent.glob(".*"))


def test_another_number_gives_other_bytes(home: Home, written: ReportCard, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "backtest" / "points", "points", World(dates=42, players=24, seed=12))
    place = backcourt.open(tmp_path)
    place.init()
    other = reportcard(place)
    assert other.files[0].name == "reportcard.json" and other.files[0].read_bytes() != written.files[0].read_bytes()


def test_every_section_is_printed_in_both_forms(written: ReportCard) -> None:
    _, markdown, html, summary = (file.read_text() for file in written.files)
    for section in SECTIONS:
        assert re.search(rf"^#+ {re.escape(section)}$", markdown, re.MULTILINE), section
        assert re.search(rf"<h\d>{re.escape(section)}</h\d>", html), section
    parts = set(markdown.strip().split("\n\n"))
    said = [part for part in summary.strip().split("\n\n") if not part.startswith("#")]
    assert len(said) > 10 and set(said) <= parts, "the summary says nothing that the card doesn't"
    assert len(summary) < len(markdown) / 2
    assert html.count("<svg") == 8 and "http-equiv" not in html and "<script" not in html


def test_every_table_has_its_cells(written: ReportCard) -> None:
    lines = written.files[1].read_text().splitlines()
    width = None
    for line in lines:
        if not line.startswith("| "):
            width = None
            continue
        width = width or line.count(" |")
        assert line.count(" |") == width, line


def test_the_json_has_no_nan_and_what_readers_need(written: ReportCard) -> None:
    card = json.loads(written.files[0].read_text(), parse_constant=lambda name: pytest.fail(name))
    assert card["snapshot"] == ["synthetic"] and card["kind"] == "BACKTEST" and len(card["code_hash"]) == 16
    assert {(v["market"], v["lead_bucket"]) for v in card["verdicts"]} == {(m, b) for m in ("points", "threes") for b in ("3h+", "<30m")}
    assert {target["id"] for target in card["targets"]} >= {"T1", "T14"} and card["leaks"]["is_green"]
    points = card["markets"][0]
    assert next(row["system"] for row in points["point"][0]["systems"]) == "base_l5"
    assert all(row["n"] == table["n"] for table in points["point"] for row in table["systems"])


@pytest.mark.slow
def test_a_simulated_homes_card_says_so_at_its_head_and_a_real_ones_does_not(home: Home, tmp_path: Path) -> None:
    inputs = card_inputs(home.path, runs_of(home.runs_folder))
    invented, real = (build(inputs, [], is_simulated=is_simulated) for is_simulated in (True, False))
    data, *texts = write_card(tmp_path / "invented", invented)
    assert json.loads(data.read_text())["simulated"] is True
    assert len(texts) == 3 and all(text.read_text().count(MARK) == 1 for text in texts)
    assert re.match(rf"# Report card\n\n{re.escape(MARK)}\n\nSnapshot", texts[0].read_text())
    assert re.search(rf"<body>\s*<h1>Report card</h1>\s*<p>{re.escape(MARK)}</p>", texts[1].read_text())
    assert re.match(rf"# Report card, in short\n\n{re.escape(MARK)}\n", texts[2].read_text())
    data, *texts = write_card(tmp_path / "real", real)
    assert json.loads(data.read_text())["simulated"] is False
    assert not [text for text in texts if "simulated" in text.read_text().lower()]
    assert {name for name in real if real[name] != invented[name]} == {"simulated"}


def test_attempts_are_counted_once_however_often_the_card_is_written(home: Home, written: ReportCard) -> None:
    reportcard(home)
    trials = read_trials(home.path)
    assert len(trials) == 2 and {trial.market for trial in trials} == {"points", "threes"}
    assert written.card["opened_tests"] == {"A25s": 2, "D25": 2, "Q24": 2, "R25s": 2, "S24": 2}


def test_picks_find_the_verdicts(home: Home, written: ReportCard) -> None:
    kept = standing_verdicts(home.path)
    assert kept["points"] == {v["lead_bucket"]: v["verdict"] for v in written.card["verdicts"] if v["market"] == "points"}
    assert "EDGE" not in kept["points"].values()


def test_a_missed_target_leaves_its_fallback(home: Home, written: ReportCard) -> None:
    missed = [target for target in written.card["targets"] if target["status"] == "missed"]
    kept = standing_fallbacks(home.path)
    assert missed and [sentence.split(" ")[0] for sentence in kept] == [target["id"] for target in missed]
    for sentence, target in zip(kept, missed, strict=True):
        ending = " (said, not done: " if target["id"] in ("T4", "T8") else "."
        assert target["verdict"] and f"; fallback: {target['verdict']}{ending}" in sentence and sentence.endswith(".")


def test_an_alarm_takes_the_edge_away_from_picks(written: ReportCard) -> None:
    card = json.loads(json.dumps(written.card))
    card["verdicts"][0]["verdict"] = "EDGE"
    market, bucket = card["verdicts"][0]["market"], card["verdicts"][0]["lead_bucket"]
    card["monitors"][market]["is_alarmed"] = False
    assert standing(card)[market][bucket] == "EDGE"
    card["monitors"][market]["is_alarmed"] = True
    assert standing(card)[market][bucket] == "EDGE(alarm)"


def test_runs_of_different_snapshots_are_not_mixed(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.runs_folder, tmp_path / "runs")
    file = tmp_path / "runs" / "backtest" / "threes" / "run.json"
    file.write_text(file.read_text().replace("synthetic", "later"))
    with pytest.raises(BackcourtError, match="different snapshots"):
        runs_of(tmp_path / "runs")
    assert list(runs_of(tmp_path / "runs", "later")) == ["threes"]
    with pytest.raises(BackcourtError, match="No backtest stands on the snapshot earlier"):
        runs_of(tmp_path / "runs", "earlier")


def test_without_a_backtest_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="run `backcourt backtest` first"):
        reportcard(backcourt.open(tmp_path))


def test_a_market_without_lines_still_has_a_card(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.runs_folder, tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "backtest" / "threes")
    folder = runs_of(tmp_path / "runs")["points"].folder
    for name in ("lines", "probabilities"):
        folder.write(name, folder.read(name, where="false"))
    runs = runs_of(tmp_path / "runs")
    inputs = card_inputs(tmp_path, runs)
    card = build(inputs, [trial_of(run, "reportcard") for run in runs.values()], is_simulated=False)
    assert card["verdicts"] == [] and [p["population"] for p in card["markets"][0]["populations"]] == ["A25s", "R25s"]
    assert list(card_blocks(card))


def test_figures_are_text_without_dates_and_unknown_ones_are_refused(written: ReportCard) -> None:
    calibration = written.card["calibration"]["points"]
    for name in ("reliability", "pit", "correlations", "coverage"):
        drawn = figure(name, calibration)
        assert drawn == figure(name, calibration) and drawn.startswith("<svg") and "<dc:date>" not in drawn
    with pytest.raises(BackcourtError, match="no figure 'pie'"):
        figure("pie", calibration)


def test_plain_numbers() -> None:
    assert plain({"a": float("nan"), "b": -0.00000001, "c": (1, 2.123456789), "d": True, 1: None}) == {
        "a": None, "b": 0.0, "c": [1, 2.123457], "d": True, "1": None,
    }  # fmt: skip


def test_trials_are_told_apart_by_everything_but_their_seconds(tmp_path: Path) -> None:
    first = Trial("backtest", "points", "s1", "c1", {"mae": 4.5})
    assert record(tmp_path, [first, first]) == 1 and record(tmp_path, [first]) == 0
    assert record(tmp_path, [Trial("backtest", "points", "s1", "c1", {"mae": 4.5}, seconds=300.0)]) == 1
    assert record(tmp_path, [Trial("backtest", "points", "s1", "c1", {"mae": 4.5}, seconds=310.0)]) == 0
    assert record(tmp_path, [Trial("backtest", "points", "s1", "c2", {"mae": 4.4}, ("S24",))]) == 1
    assert full_backtest_seconds(read_trials(tmp_path)) == {"points": 300.0} and reads(read_trials(tmp_path)) == {"S24": 1}
    (tmp_path / "trials.jsonl").write_text('{"verb": "backtest"}\n')
    with pytest.raises(BackcourtError, match="line 1, is no trial"):
        read_trials(tmp_path)


def test_a_killed_append_loses_its_own_trial_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "trials.jsonl"
    first, second = (Trial("backtest", "points", "s1", name, {"mae": 4.5}) for name in ("c1", "c2"))
    record(tmp_path, [first])
    before = file.read_bytes()
    record(tmp_path, [second])
    after = file.read_bytes()
    for end in range(len(before) + 1, len(after) - 1):
        file.write_bytes(after[:end])
        assert read_trials(tmp_path) == [first]
        assert record(tmp_path, [second]) == 1 and file.read_bytes() == after
    file.write_bytes(before.rstrip(b"\n"))
    assert read_trials(tmp_path) == [first], "an editor may leave out the last line's end"
    assert record(tmp_path, [second]) == 1 and file.read_bytes() == after
    file.write_bytes(b'{"verb": \n' + after)
    with pytest.raises(BackcourtError, match="line 1, is no trial"):
        record(tmp_path, [second])
