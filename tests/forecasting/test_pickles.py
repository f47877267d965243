"""Loading a pickle runs what it says: only what the home registered is loaded, whatever lies beside it."""

from __future__ import annotations

import ast
import hashlib
import json
import pickle
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import MARKETS
from backcourt.forecasting.pickles import REGISTER, AlteredError, OtherCodeError, Pickles
from backcourt.forecasting.walkforward import load_week_model
from backcourt.home import Home
from backcourt.work.backtest import backtest, run_folder
from backcourt.work.predict import predict
from backcourt.work.reports.health import Health, health
from tests.conftest import ROOT

POINTS = MARKETS["points"]
in_a_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Planted:
    """Runs when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.fixture
def pickles(tmp_path: Path) -> Pickles:
    (tmp_path / "models").mkdir()
    return Pickles(tmp_path)


def test_what_a_home_wrote_it_loads_and_nothing_else(pickles: Pickles) -> None:
    file = pickles.home / "models" / "a.pkl"
    assert pickles.load(file) is None and pickles.registered(file) is None
    digest = pickles.keep(file, {"a": 1})
    assert (pickles.load(file), pickles.registered(file)) == ({"a": 1}, digest == hashlib.sha256(file.read_bytes()).hexdigest() and digest)
    pickles.keep(file, {"a": 2})
    assert Pickles(pickles.home).load(file) == {"a": 2}, "the last counts"
    file.unlink()
    assert pickles.load(file) is None


def test_a_planted_pickle_is_never_run(pickles: Pickles) -> None:
    mark, file = pickles.home / "ran", pickles.home / "models" / "a.pkl"
    planted = pickle.dumps(Planted(mark))
    pickle.loads(planted)
    assert mark.exists(), "it does what it is planted for"
    mark.unlink()
    file.write_bytes(planted)
    assert pickles.load(file) is None
    pickles.keep(file, 1)
    kept = file.read_bytes()
    file.write_bytes(planted)
    with pytest.raises(AlteredError, match=r"a\.pkl is not the file that this home registered"):
        pickles.load(file)
    # What is registered for one place is loaded in no other.
    other = file.with_name("b.pkl")
    other.write_bytes(kept)
    assert pickles.load(other) is None and not mark.exists()


@in_a_folder
@given(place=st.integers(0), change=st.integers(1, 255), cut=st.booleans())
def test_a_file_is_loaded_to_the_last_byte_or_not_at_all(pickles: Pickles, place: int, change: int, cut: bool) -> None:
    file = pickles.home / "models" / "a.pkl"
    pickles.keep(file, list(range(50)))
    stored = bytearray(file.read_bytes())
    place %= len(stored)
    stored[place] ^= change
    file.write_bytes(bytes(stored[:place] if cut else stored))
    with pytest.raises(AlteredError):
        pickles.load(file)


@in_a_folder
@given(noise=st.lists(st.sampled_from([b"", b"{", b"[1]", b"7", b'{"file": 1}', b"\xff", b'{"sha256": "a"}', b"[" * 2_000]), max_size=4))
def test_a_register_that_was_torn_or_damaged_loses_what_it_lost_alone(pickles: Pickles, noise: list[bytes]) -> None:
    file, other = pickles.home / "models" / "a.pkl", pickles.home / "models" / "b.pkl"
    pickles.register.unlink(missing_ok=True)
    pickles.keep(file, 1)
    pickles.register.write_bytes(pickles.register.read_bytes() + b"\n".join(noise))
    pickles.keep(other, 2)
    assert (pickles.load(file), pickles.load(other)) == (1, 2)
    pickles.register.write_bytes(b"")
    assert (pickles.load(file), pickles.load(other)) == (None, None)


def test_what_is_kept_again_adds_no_line(pickles: Pickles) -> None:
    for _ in range(3):
        pickles.keep(pickles.home / "models" / "a.pkl", [1, 2])
    assert len(pickles.register.read_text().splitlines()) == 1


def test_other_code_is_told_apart(pickles: Pickles) -> None:
    file = pickles.home / "models" / "a.pkl"
    body = b"cbackcourt.field.markets\nNothing\n."
    file.write_bytes(body)
    entry = {"file": "models/a.pkl", "sha256": hashlib.sha256(body).hexdigest()}
    pickles.register.write_text(json.dumps(entry) + "\n")
    with pytest.raises(OtherCodeError, match="was fitted by other code"):
        pickles.load(file)


def test_nothing_else_in_the_package_loads_a_pickle() -> None:
    found = []
    for file in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"} & {*names, module}:
                found.append(file.name)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                found.append(file.name)
    assert found == ["pickles.py"]


# ---- in a home


@pytest.fixture(scope="module")
def predicted(league: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, date]:
    """A copy of the league's home in which the models of a week were fitted, and a slate of that week."""
    folder = tmp_path_factory.mktemp("registered") / "home"
    shutil.copytree(league.path, folder, ignore=shutil.ignore_patterns("raw"))
    home = backcourt.open(folder)
    lines = run_folder(home, POINTS).read("lines", "market_over is not null")
    rows = run_folder(home, POINTS).read("rows")
    slate = rows["game_date"][lines["row"].max()].astype("datetime64[D]").item()
    predict(home, slate, ["points"])
    return home, slate


def week_of(slate: date) -> date:
    return slate - timedelta(days=slate.weekday())


def probe(home: Home) -> Health:
    with home.situation() as situation:
        return next(part for part in health(home, situation.calendar) if part.name == "one forecast")


def plant(home: Home, file: Path, mark: Path) -> None:
    """Swap a pickle for one that runs, with all that lies beside it made to fit."""
    file.write_bytes(pickle.dumps(Planted(mark)))
    card_file = file.with_name("card.json")
    if card_file.exists():
        card = json.loads(card_file.read_text())
        card_file.write_text(json.dumps({**card, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}))


@pytest.mark.slow
def test_a_swapped_model_with_a_card_that_fits_is_refused(predicted: tuple[Home, date], tmp_path: Path) -> None:
    home, slate = predicted
    folder = home.path / "models" / "points" / str(week_of(slate))
    kept = {file: file.read_bytes() for file in folder.iterdir()}
    plant(home, folder / "models.pkl", tmp_path / "ran")
    try:
        with pytest.raises(BackcourtError, match=r"registered with another hash .* delete .* to fit it again"):
            predict(home, slate, ["points"])
        assert probe(home).state == "failed" and "registered with another hash" in probe(home).note
    finally:
        for file, body in kept.items():
            file.write_bytes(body)
    assert not (tmp_path / "ran").exists()
    assert probe(home).state == "ok"


@pytest.mark.slow
def test_a_model_brought_from_elsewhere_is_fitted_again_and_says_the_same(predicted: tuple[Home, date], tmp_path: Path) -> None:
    """As in a home of a version that kept no register."""
    home, slate = predicted
    folder = home.path / "models" / "points" / str(week_of(slate))
    register = home.path / REGISTER
    lines = register.read_text().splitlines(keepends=True)
    register.write_text("".join(line for line in lines if '"models/' not in line))
    genuine = (folder / "models.pkl").read_bytes()
    plant(home, folder / "models.pkl", tmp_path / "ran")
    assert (probe(home).state, probe(home).is_red) == ("never", False) and "isn't registered in this home" in probe(home).note
    (report,) = predict(home, slate, ["points"])
    assert not (tmp_path / "ran").exists()
    assert (folder / "models.pkl").read_bytes() == genuine
    assert report.forecasts.new == 0, "what was said is said again, to the same hash"
    assert probe(home).state == "ok"


@pytest.mark.slow
def test_a_swapped_week_of_a_walk_forward_is_not_loaded_and_the_next_backtest_makes_it_anew(
    predicted: tuple[Home, date], tmp_path: Path
) -> None:
    home, slate = predicted
    states = run_folder(home, POINTS).path / "states"
    state = states / f"{week_of(slate)}.pkl"
    genuine = state.read_bytes()
    plant(home, state, tmp_path / "ran")
    assert load_week_model(Pickles(home.path), states, np.datetime64(week_of(slate)), "any") is None
    with pytest.raises(BackcourtError, match="run `backcourt backtest --market points` first"):
        predict(home, slate, ["points"])
    assert backtest(home, "points").fitted == 0
    assert state.read_bytes() == genuine and not (tmp_path / "ran").exists()
    assert predict(home, slate, ["points"])[0].forecasts.new == 0
