"""Files of a home's own, whole and broken, on the built simulated league: what works works, and `doctor` names the rest."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path

import pytest

pytest.importorskip("lightgbm", reason="systems need the extra `ml`: pip install 'backcourt[ml]'")

import backcourt
from backcourt.home import Home
from tests.conftest import foreign
from tests.extensions.examples import FILES, put
from tests.home.conftest import Verb, built_league, league_home, raw_league, verb
from tests.sources.rows import write_csv

__all__ = ["built_league", "league_home", "raw_league", "verb"]

ATTRIBUTES = {"tables": "table", "relations": "relation", "feeds": "feed", "systems": "system", "endpoints": "endpoint"}
EXISTING = {
    "tables/games.py": "tables/game_officials.py", "relations/schedule.py": "relations/officials.py",
    "systems/ridge.py": "systems/level.py", "endpoints/picks.py": "endpoints/officials.py", "feeds/zz_again.py": "feeds/official_lists.py",
}  # fmt: skip
BLUNDERS = {"bad_code": ("rate = 1\nrate.no_such_attribute\n", 2), "bad_empty": ("", None), "bad_silent": ("rate = 1\n", None)}


def put_blunders(home: Home) -> dict[str, int | None]:
    """Broken, empty, silent, mistyped and repeated files in each folder; each with the line that should be named."""
    expected: dict[str, int | None] = {}
    for folder, attribute in ATTRIBUTES.items():
        for name, (text, line) in {**BLUNDERS, "bad_type": (f"rate = 1\n\n{attribute} = rate\n", 3)}.items():
            file = home.path / folder / f"{name}.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
            expected[str(file)] = line
    for name, source in EXISTING.items():
        file = home.path / name
        file.write_text(FILES[source])
        declaring = f"{ATTRIBUTES[name.partition('/')[0]]} = "
        expected[str(file)] = 1 + next(place for place, line in enumerate(FILES[source].splitlines()) if line.startswith(declaring))
    return expected


def games_of(home: Home) -> list[tuple[str, str]]:
    """(game_date, game_id) of all real games, in order."""
    with home.reading() as warehouse:
        return [
            (str(day), str(game))
            for day, game in warehouse.query("select game_date, game_id from schedule where is_real_game order by 1, 2")
        ]


def test_what_is_broken_is_named_and_all_else_works(league_home: Home, verb: Verb, tmp_path: Path) -> None:
    games = games_of(league_home)
    put(league_home.path)
    expected = put_blunders(league_home)
    # It reads a table of its own that can't be used, so it can't either.
    table = FILES["tables/game_officials.py"]
    (league_home.path / "tables" / "bad_type_read.py").write_text(
        table.replace("officials o", "bad_type o").replace('"officials"', '"bad_type"')
    )
    expected[str(league_home.path / "tables" / "bad_type_read.py")] = 3

    done = verb("doctor", league_home.path, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    problems = json.loads(done.stdout)["problems"]
    assert {one["file"]: one["line"] for one in problems} == expected and len(problems) == len(expected)
    for one in problems:
        place = f"{one['file']}, line {one['line']}: " if one["line"] else f"{one['file']}: "
        assert one["sentence"].startswith(place) and one["sentence"].endswith(".") and "\n" not in one["sentence"]
    shown = verb("doctor", league_home.path)
    assert shown.returncode == 1 and [line for line in shown.stdout.splitlines() if line.startswith("/")] == [
        one["sentence"] for one in problems
    ]

    lists = [{"day": day, "game": game, "official": name} for day, game in games for name in ("Ann", "Bo", "Cy")]
    ingested = verb("ingest", league_home.path, str(write_csv(tmp_path / "officials.csv", lists)))
    assert ingested.returncode == 0, ingested.stderr
    assert f"officials: {len(lists)} rows in" in ingested.stdout.replace(",", "")

    plan = verb("plan", league_home.path)
    assert plan.returncode == 0 and "game_officials" in plan.stdout and "bad_" not in plan.stdout, plan.stderr
    run = verb("run", league_home.path)
    assert run.returncode == 0, run.stdout + run.stderr
    verified = verb("verify", league_home.path, "--for", "phase4")
    assert verified.returncode == 0 and "officials" not in verified.stdout
    status = verb("status", league_home.path)
    assert status.returncode == 0 and "game_officials" in status.stdout and "bad_" not in status.stdout
    assert f"{len(expected)} files could not be used; `backcourt doctor` says why" in status.stderr
    with backcourt.open(league_home.path).reading() as warehouse:
        assert warehouse.query("select count(*), min(officials), max(officials) from game_officials") == [(len(games), 3, 3)]


def test_a_relation_whose_query_fails_takes_its_readers_with_it(league_home: Home, tmp_path: Path) -> None:
    games = games_of(league_home)
    put(league_home.path, "feeds/official_lists.py", "relations/officials.py", "tables/game_officials.py")
    from backcourt.work.reports.unusable import unusable_files

    def again() -> Home:
        return backcourt.open(league_home.path)

    assert unusable_files(again()) == (), "the view of a new relation isn't made yet, which is no fault of it"
    again().ingest(write_csv(tmp_path / "officials.csv", [{"day": day, "game": game, "official": "Ann"} for day, game in games]))
    assert again().run().failed == 0
    assert {state.state for state in states_of(again(), "game_officials")} == {"complete"}

    relation = league_home.path / "relations" / "officials.py"
    relation.write_text(FILES["relations/officials.py"].replace('"official")', '"whistle")'))
    again().run()
    with again().situation() as situation:
        assert not {"officials", "game_officials"} & set(situation.catalog.nodes) and "games" in situation.catalog.nodes
    found = {Path(one.file).name: one for one in unusable_files(again())}
    assert set(found) == {"officials.py", "game_officials.py"}
    assert "whistle" in found["officials.py"].sentence and "which is left out" in found["game_officials.py"].sentence

    # Its rows can be read today, and with tomorrow's not any more.
    relation.write_text(FILES["relations/officials.py"].replace('listed("game_date", "game_id", "official")',
        '"r.game_date, r.game_id, cast(case when r.official = \'Ann\' then \'1\' else r.official end as bigint) as official"'))  # fmt: skip
    again().run()
    assert unusable_files(again()) == () and {state.state for state in states_of(again(), "game_officials")} == {"complete"}
    day, game = games[0]
    again().ingest(write_csv(tmp_path / "more.csv", [{"day": day, "game": game, "official": name} for name in ("Ann", "Bo")]))
    assert again().run().failed == 0
    found = {Path(one.file).name: one for one in unusable_files(again())}
    assert set(found) == {"officials.py", "game_officials.py"} and "Bo" in found["officials.py"].sentence


def states_of(home: Home, table: str) -> list[object]:
    """The states of a table's partitions, measured."""
    with home.exact_situation("verify", records=False) as situation:
        return list(situation.states(situation.catalog.nodes.values())[table].values())


def test_a_feed_whose_sql_fails_refuses_its_file_alone(league_home: Home, raw_league: Path, tmp_path: Path) -> None:
    put(league_home.path, "feeds/official_lists.py")
    text = FILES["feeds/official_lists.py"].replace("'\"official\"'", "'no_such_function(\"official\")'")
    (league_home.path / "feeds" / "official_lists.py").write_text(text)
    lists = write_csv(tmp_path / "officials.csv", [{"day": "2024-01-01", "game": "0022300001", "official": "Ann"}])
    report = backcourt.open(league_home.path).ingest(lists, *sorted((raw_league / "nba").glob("schedule*"))[:1], again=True)
    refused = [one.refused for one in report.files if one.refused]
    assert len(refused) == 1 < len(report.files) and "official_lists.py, line 3: " in refused[0] and "no_such_function" in refused[0]


@pytest.mark.slow
def test_own_files_live_through_repair_and_an_interrupted_view(league_home: Home, tmp_path: Path, verb: Verb) -> None:
    games = games_of(league_home)
    put(league_home.path, "feeds/official_lists.py", "relations/officials.py", "tables/game_officials.py")
    lists = [{"day": day, "game": game, "official": "Ann"} for day, game in games]
    assert verb("ingest", league_home.path, str(write_csv(tmp_path / "officials.csv", lists))).returncode == 0
    assert verb("run", league_home.path).returncode == 0

    def rows() -> list[tuple[object, ...]]:
        return backcourt.open(league_home.path).sql("select * from game_officials order by all").fetch()

    before = rows()
    assert len(before) == len(games)
    # A process that died between the view and its receipts left its mark.
    with foreign(league_home) as warehouse:
        warehouse.query("delete from receipts where table_name = 'officials'")
        warehouse.insert(
            "open_marks", ("job", "made_at"), [("run-20220101T000000000000-1 officials", datetime.combine(date(2022, 1, 1), time()))]
        )
    assert verb("run", league_home.path).returncode == 0
    assert {state.state for state in states_of(backcourt.open(league_home.path), "game_officials")} == {"complete"}
    league_home.warehouse_file.write_bytes(b"noise" * 1000)
    assert verb("repair", league_home.path).returncode == 0
    assert verb("run", league_home.path).returncode == 0
    assert rows() == before
