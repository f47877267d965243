"""The raw layer on the real four seasons: every count that the data's description states."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import pytest

from backcourt.sources.declared import sources
from backcourt.sources.ingest import ingest
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse
from tests.sources.rows import at, warehouse

pytestmark = pytest.mark.slow

SEASONS = ("2021-22", "2022-23", "2023-24", "2024-25")
BY_SEASON = "select s.season, count(*) from {} x join schedule s using (game_id) group by 1 order by 1"


def real(data: Path, inputs: list[Path], file: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(file))
    report = ingest(DuckDBWarehouse(connection), inputs, raw_folder=None, now=at("2026-01-01"))
    assert [file.refused for file in report.files if file.refused] == []
    assert [sentence for file in report.files for sentence in file.sentences] == []
    return connection


@pytest.fixture(scope="module")
def loaded(data: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return real(data, [data / "nba", data / "odds"], tmp_path_factory.mktemp("raw") / "warehouse.duckdb")


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()


def test_only_the_known_stub_is_kept_apart(loaded: duckdb.DuckDBPyConnection) -> None:
    found = rows(loaded, "select rule, json_extract_string(payload, '$.GAME_ID'), sentence from raw_rejects")
    assert found == [("a full game", "0012300036", "a stub of 3 minutes without a result (rule: a full game)")]


def test_schedule_by_season_type(loaded: duckdb.DuckDBPyConnection) -> None:
    found = rows(loaded, "select season, season_type, count(*) from schedule group by all order by 1, 2")
    expected = {
        "2021-22": (4, None, 6, 87, 66, 1230), "2022-23": (4, None, 6, 84, 70, 1230), "2023-24": (4, 1, 6, 82, 73, 1230),
        "2024-25": (6, 1, 6, 84, 73, 1230),
    }  # fmt: skip
    types = ("all_star", "cup_final", "play_in", "playoffs", "preseason", "regular")
    assert found == [(season, kind, n) for season in SEASONS for kind, n in zip(types, expected[season], strict=True) if n]
    assert rows(loaded, "select count(distinct game_date) from schedule where is_real_game") == [(847,)]
    assert rows(loaded, "select count(*) from results where is_final") == [(5583,)]
    assert rows(loaded, "select count(*) from schedule where is_neutral_site and season = '2024-25'") == [(9,)]
    assert rows(loaded, "select count(*) from schedule where is_cup_game and season = '2024-25'") == [(67,)]


def test_the_snapshot_of_2024_11_19_is_an_older_version(loaded: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        loaded,
        "select count(*), count(*) filter (r.game_date <> s.game_date), "
        "count(*) filter (r.game_date <> s.game_date or r.tip_at <> s.tip_at) "
        "from raw_schedule r join raw_loads l using (load_id) join schedule s using (game_id) where l.captured_at is not null",
    )
    assert found == [(1273, 18, 57)]
    assert rows(loaded, "select distinct captured_at from raw_loads where captured_at is not null") == [(at("2024-11-20 05:00"),)]


@pytest.mark.parametrize(
    ("relation", "counts"),
    [
        ("(from player_box where game_id[3] = '2')", (26039, 25895, 26401, 26306)),
        ("(from player_box where game_id[3] = '4')", (1892, 1728, 1685, 1804)),
        ("(from team_box where game_id[3] in ('2', '4', '5', '6'))", (2646, 2640, 2638, 2642)),
        ("shots", (102400, 217220, 218701, 219527)),
        ("line_scores", (1323, 1320, 1319, 1321)),
        ("consensus_lines", (1323, 1320, 1319, 1321)),
    ],
)
def test_rows_per_season(loaded: duckdb.DuckDBPyConnection, relation: str, counts: tuple[int, ...]) -> None:
    assert rows(loaded, BY_SEASON.format(relation)) == list(zip(SEASONS, counts, strict=True))


def test_quotes(loaded: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        loaded, "select is_dfs, market = 'pra' and source like '%assists', count(*) from prop_quote_captures group by all order by 3"
    )
    assert found == [(True, False, 19787), (False, True, 53243), (False, False, 307081)]
    points = "select count(*) from prop_quote_captures where market = 'points' and not is_dfs"
    assert rows(loaded, points) == [(76330,)]
    assert rows(loaded, "select count(*) from prop_quote_captures where captured_at is null") == [(19787,)]
    assert rows(loaded, "select count(*) from prop_quote_captures where game_date is null or player_name_normalised is null") == [(0,)]
    found = rows(loaded, "select market, count(*) from game_line_captures group by 1 order by 1")
    assert found == [("moneyline", 126216 + 1664), ("moneyline_lay", 1584), ("spread", 131708 + 1664), ("total", 124276 + 1664)]
    assert rows(loaded, "select count(*) from game_line_captures where period = 'h1'") == [(4992,)]


def test_prop_events_meet_their_games(loaded: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        loaded,
        "select source, q.game_date >= '2024-09-01' as is_last_season, count(distinct source_event_id), "
        "count(distinct source_event_id) filter (s.game_id is not null) from prop_quote_captures q left join schedule s "
        "on s.game_date = q.game_date and s.home_team_id = q.home_team_id and s.away_team_id = q.away_team_id group by all order by 1, 2",
    )
    assert found == [
        ("the odds api fantasy props", True, 557, 556),
        ("the odds api points rebounds assists", False, 340, 340),
        ("the odds api points rebounds assists", True, 326, 326),
        ("the odds api props", False, 378, 378),
    ]


def test_sources_agree(loaded: duckdb.DuckDBPyConnection) -> None:
    stats = "sum(points), sum(fg_attempts), sum(three_makes), sum(rebounds), sum(assists), sum(turnovers), sum(personal_fouls)"
    differing = (
        f"select game_id, team_id, {stats} from player_box group by all except "
        f"select game_id, team_id, {stats} from team_box group by all"
    )  # fmt: skip
    assert rows(loaded, differing) == []
    points = (
        "select count(*) from results r join team_box t using (game_id) join schedule s using (game_id) "
        "where s.is_real_game and t.points = case when t.team_id = s.home_team_id then home_points else away_points end"
    )
    assert rows(loaded, points) == [(10566,)]
    quarters = (
        "select count(*) from results r join line_scores l using (game_id) where home_points = "
        "home_points_q1 + home_points_q2 + home_points_q3 + home_points_q4 + home_points_ot"
    )
    assert rows(loaded, quarters) == [(5283,)]
    made = (
        "select count(*) from (select game_id, player_id, count(*) filter (is_made) as made from shots group by all) x "
        "join player_box p using (game_id, player_id) where x.made <> p.fg_makes and game_id <> '0022100581'"
    )
    assert rows(loaded, made) == [(0,)]
    absent = "select game_id, player_id, appearance, points from player_box where appearance <> 'played'"
    assert rows(loaded, absent) == [("0042100105", 202693, "dnp_coach", None)]


def test_players_and_aliases(loaded: duckdb.DuckDBPyConnection) -> None:
    assert rows(loaded, "select count(*), count(distinct player_id) from players") == [(992, 992)]
    collisions = "select name_normalised from players group by 1 having count(*) > 1 and name_normalised is not null"
    assert rows(loaded, collisions) == []
    assert rows(loaded, "select count(*) from players where full_name is not null and height_inches is null") == [(0,)]
    found = rows(loaded, "select full_name from player_aliases a join players p using (player_id) where a.name_normalised = 'herb jones'")
    assert found == [("Herbert Jones",)]


def test_a_second_ingest_changes_nothing(loaded: duckdb.DuckDBPyConnection, data: Path) -> None:
    inputs = [data / "nba", data / "odds"]
    second = ingest(DuckDBWarehouse(loaded), inputs, raw_folder=None, now=at("2026-01-02"))
    assert [second.total(count) for count in ("new", "changed", "rejected")] == [0, 0, 0]
    assert all(file.already_loaded for file in second.files)
    again = ingest(
        DuckDBWarehouse(loaded), [data / "nba" / "shots_2023-24.parquet", data / "odds"], raw_folder=None, now=at("2026-01-03"), again=True
    )
    assert [again.total(count) for count in ("new", "changed", "rejected")] == [0, 0, 0]


def test_the_order_of_files_does_not_matter(loaded: duckdb.DuckDBPyConnection, data: Path, tmp_path: Path) -> None:
    files = sorted([*(data / "nba").glob("*.parquet"), *(data / "odds").glob("*.parquet")])
    random.Random(7).shuffle(files)
    assert files[0] != sorted(files)[0]
    other = real(data, files, tmp_path / "shuffled.duckdb")
    for name in sources().relations:
        query = f"select count(*), sum(hash(x)::hugeint) from {name} x"
        assert rows(other, query) == rows(loaded, query), name


def test_the_samples_are_read_or_refused(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    shutil.copytree(data / "samples", folder)
    connection = warehouse()
    report = ingest(DuckDBWarehouse(connection), [folder], raw_folder=None, now=at("2026-01-01"))
    taken = {file.file: (file.source, file.rows_in, file.rejected) for file in report.files if not file.refused}
    assert taken["boxscoretraditionalv2_0022100732.json"] == ("stats.nba.com box score v2", 22, 0)
    assert taken["cassette_BoxScoreTraditionalV3.json"] == ("stats.nba.com box score v3", 23, 0)
    assert taken["schedule_live_2023.json.gz"] == ("stats.nba.com schedule", 1280, 0)
    assert taken["cassette_LeagueGameLog.json.gz"] == ("stats.nba.com team box", 1688, 0)
    assert taken["historical_odds_2023-12-08_featured.json.gz"] == ("the odds api game lines", 1124, 0)
    assert taken["historical_events_2022-03-09.json"] == ("the odds api events", 12, 0)
    found = rows(connection, "select count(*), count(*) filter (appearance = 'played') from player_box where game_id = '0022200552'")
    assert found == [(23, 19)]
    assert rows(connection, "select count(*) from shots where game_id = '0022100732'") == [(170,)]
    assert all(file.sentences == [] for file in report.files)
