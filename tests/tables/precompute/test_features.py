"""Frames, manifest, masks and tonight's rows: what a modeller gets from the feature store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.features.docs import features_markdown
from backcourt.features.frame import FeatureFrame
from backcourt.features.manifest import MARKETS, Manifest, choose, manifest_of
from backcourt.frames import Frame
from backcourt.home import Home
from backcourt.tables import declared as declarations
from backcourt.tables.precompute.feature_groups import BLIND, N_COLUMNS, PROP_MARKET, features
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse
from tests.conftest import ROOT, BuiltHome

CATALOG = declarations.catalog(None, None)
EVENING = "2024-04-05"


@pytest.fixture(scope="module")
def home(real_home: BuiltHome) -> Home:
    return backcourt.open(real_home.home.path)


def test_the_manifest_counts_what_the_specification_lists() -> None:
    by_group: dict[str, int] = {}
    for feature in features():
        by_group[feature.group] = by_group.get(feature.group, 0) + 1
    listed = {
        "scoring": 18, "other_stats": 19, "minutes": 9, "role": 13, "usage": 16, "shots": 10, "load": 22, "opponent": 18, "team": 18,
        "game": 8, "availability": 1, "prop_market": 20, "game_market": 7,
    }  # fmt: skip
    assert {group: by_group[group] for group in listed} == listed
    assert sum(feature.when_available for feature in features()) == 11
    assert {"form", "opponent_allowance", "teammates"} == set(by_group) - set(listed)


def test_the_manifest_is_canonical_and_names_definitions() -> None:
    manifest = manifest_of(CATALOG)
    names = [entry["name"] for entry in json.loads(manifest.text)]
    assert names == sorted(names) and len(set(names)) == len(features())
    assert " " not in manifest.text.split('"definition"')[0] and len(manifest.hash) == 16
    assert manifest_of(CATALOG).hash == manifest.hash
    changed = Manifest((dict(manifest.entries[0], version=2), *manifest.entries[1:]))
    assert changed.hash != manifest.hash
    assert changed.differing(manifest.names, manifest) == [manifest.names[0]]


def test_windows_name_their_n_column() -> None:
    n_columns = {name for name, _, _ in N_COLUMNS}
    assert {feature.n for feature in features() if feature.n} <= n_columns
    games = [f for f in features() if f.window in ("last3", "last5", "last10", "last20") and f.source in ("cache", "own", "opponent")]
    assert games and all(feature.n for feature in games)


def test_nothing_of_the_prop_market_is_in_the_blind_groups() -> None:
    telling = ("line", "over_prob", "vig", "streak", "margin_vs")
    blind = {feature.name for feature in choose([BLIND])}
    assert {name for name in blind if any(word in name for word in telling)} == {
        "points_below_mean_streak",
        "team_streak",
        "team_games_missed_streak",
    }
    assert all(feature.market in MARKETS for feature in features())
    assert not blind & {feature.name for feature in choose([PROP_MARKET])}


def test_the_document_is_made_from_the_declarations() -> None:
    assert (ROOT / "docs" / "features.md").read_text() == features_markdown(CATALOG), "run `make docs`"


def test_a_training_frame(home: Home, tmp_path: Path) -> None:
    frame = home.features("2023-10-24", "2024-04-14", label="points", groups=[BLIND])
    assert frame.y is not None
    keys, values, labels = frame.keys.fetch(), frame.X.fetch(), frame.y.fetch()
    assert len(keys) == len(values) == len(labels) == 25929 and all(label is not None for (label,) in labels)
    assert frame.X.columns == [feature.name for feature in choose([BLIND])] == frame.manifest.names
    assert keys == sorted(keys, key=lambda row: (row[0], row[1]))
    out = tmp_path / "frame.parquet"
    assert frame.write(out) == 25929
    ((rows, points),) = duckdb.connect().execute(f"select count(*), sum(label_points) from '{out}'").fetchall()
    assert (rows, points) == (25929, sum(label for (label,) in labels))
    sidecar = json.loads((tmp_path / "frame.manifest.json").read_text())
    assert sidecar["manifest_hash"] == frame.manifest.hash and len(sidecar["features"]) == len(frame.manifest.names)
    assert sidecar["proof"]["snapshot_id"] and "as they are corrected today" in sidecar["proof"]["statement"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["frame.manifest.json", "frame.parquet"]


def test_a_frame_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    connection = duckdb.connect()
    warehouse = DuckDBWarehouse(connection)

    def frame(rows: int) -> FeatureFrame:
        return FeatureFrame(Frame(lambda: warehouse, f"select * from range({rows})"), Manifest(()), {})

    with pytest.raises(BackcourtError, match=r"nowhere/frame\.parquet can't be written .*; choose a folder"):
        frame(2).write(tmp_path / "nowhere" / "frame.parquet")
    out, sidecar = tmp_path / "frame.parquet", tmp_path / "frame.manifest.json"
    assert frame(2).write(out) == 2 and json.loads(sidecar.read_text())["rows"] == 2
    sidecar.unlink()
    sidecar.mkdir()
    with pytest.raises(BackcourtError, match="can't be written"):
        frame(3).write(out)
    assert connection.execute(f"select count(*) from '{out}'").fetchall() == [(2,)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["frame.manifest.json", "frame.parquet"]


@pytest.mark.slow
def test_masks_and_flags_say_what_is_missing_and_what_is_thin(home: Home) -> None:
    frame = home.features("2023-10-24", "2023-10-24", masks=True, flags=True)
    rows = [dict(zip(frame.table.columns, row, strict=True)) for row in frame.table.fetch()]
    assert {name for name in frame.extra if name.endswith("_is_missing")} == {f"{name}_is_missing" for name in frame.manifest.names}
    for row in rows:
        assert all(row[f"{name}_is_missing"] == (row[name] is None) for name in frame.manifest.names)
        flags = json.loads(row["feature_flags"])
        assert flags["points_mean_shrunk"] == ["prior_only"] and "points_mean_last10" in flags


def test_only_ready_rows(home: Home) -> None:
    everyone, ready = (home.features(EVENING, EVENING, ready=group).table.count() for group in (None, "blind"))
    assert 0 < ready < everyone
    names = home.features(EVENING, EVENING, ready="blind").table
    assert all(games >= 3 for (games,) in names.select(["games_season"]).fetch())


@pytest.mark.slow
def test_tonights_rows_are_the_stored_ones_when_the_evening_is_over(home: Home) -> None:
    stored, live = home.features(EVENING, EVENING), home.tonight(EVENING)
    assert live.manifest.hash == stored.manifest.hash
    assert live.table.columns == stored.table.columns
    assert live.table.fetch() == stored.table.fetch()


def test_an_earlier_moment_knows_fewer_quotes_and_the_same_history(home: Home) -> None:
    morning = datetime.fromisoformat("2024-04-05T13:00:00")
    live, stored = home.tonight(EVENING, as_of=morning), home.features(EVENING, EVENING)
    blind = ["player_id", "points_mean_shrunk", "rest_days", "team_pace_shrunk"]
    mine, theirs = (frame.table.select(blind).fetch() for frame in (live, stored))
    assert set(mine) <= set(theirs)
    assert {moment for (moment,) in live.table.select(["as_of_at"]).fetch()} == {morning}
    lines = [sum(has for (has,) in frame.table.select(["has_points_line"]).fetch()) for frame in (live, stored)]
    assert lines[0] < lines[1]


def test_games_that_have_locked_are_not_to_come(home: Home) -> None:
    late = home.tonight(EVENING, as_of=datetime.fromisoformat("2024-04-06T01:00:00"))
    assert late.proof["games_left_out"] and late.proof["games"]
    with pytest.raises(BackcourtError, match="had locked by 2024-04-06 08:00"):
        home.tonight(EVENING, as_of=datetime.fromisoformat("2024-04-06T08:00:00"))
    with pytest.raises(BackcourtError, match="the schedule has no game on it"):
        home.tonight("2024-07-20")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"groups": ["scorin"]}, "no feature group 'scorin'"),
        ({"label": "goals"}, "no label 'goals'"),
        ({"ready": "brave"}, "no model group 'brave'"),
    ],
)
def test_wrong_words_get_a_sentence(home: Home, arguments: dict[str, object], words: str) -> None:
    with pytest.raises(BackcourtError, match=words):
        home.features(EVENING, EVENING, **arguments)  # type: ignore[arg-type]


def test_dates_without_games_and_files_of_another_kind_get_a_sentence(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="no rows between 2024-07-01 and 2024-07-31"):
        home.features("2024-07-01", "2024-07-31")
    with pytest.raises(BackcourtError, match="not a Parquet file"):
        home.features(EVENING, EVENING).write(tmp_path / "frame.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_feature_of_another_version_is_named() -> None:
    ours = manifest_of(CATALOG, features()[:3])
    theirs = manifest_of(CATALOG, [replace(features()[0], version=2), *features()[1:2]])
    assert ours.differing(ours.names, theirs) == sorted([features()[0].name, features()[2].name])
