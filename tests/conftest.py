"""Fixtures: the real four seasons, ingested and built once per test run, and copies of them to damage."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import backcourt
from backcourt.home import Home
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb
from tests.engine.googlesql import Analyser, Schema

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
HAS_REAL_DATA = (DATA / "nba").is_dir()
UNAVAILABLE = Path(__file__).parent / "data" / "unavailable_2021-25.toml"


_LONGEST_FIRST = ("faults", "forecasting", "real", "home", "judgement", "tables", "extensions")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders whose files take longest come first: a long file that begins last keeps one worker busy and the others idle."""
    order = {folder: place for place, folder in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(Path(__file__).parent).parts[0], len(order)))


class BuiltHome:
    """A home whose tables are built, with a shortcut for queries."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query on the warehouse, read-only."""
        with self.home.reading() as warehouse:
            return warehouse.query(sql)


@contextmanager
def foreign(home: Home) -> Iterator[DuckDBWarehouse]:
    """The warehouse file as another program opens it for writing, past the home's custody: with a driver and no lock."""
    warehouse = open_duckdb(home.warehouse_file)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _once(folder: Path, build: Any) -> Path:
    """Build a folder once, however many test processes ask for it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            build(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    if not HAS_REAL_DATA:
        pytest.skip(f"this test needs the real seasons, {DATA / 'nba'} and {DATA / 'odds'}, and they aren't there")
    return DATA


@pytest.fixture(scope="session")
def ingested_home(data: Path, shared_folder: Path) -> Home:
    """The real four seasons, ingested and nothing built; never write to it."""

    def build(folder: Path) -> None:
        home = backcourt.open(folder)
        home.init(simulated=True)
        home.ingest(data / "nba", data / "odds")

    return backcourt.open(_once(shared_folder / "ingested", build))


@pytest.fixture(scope="session")
def real_home(ingested_home: Home, shared_folder: Path) -> BuiltHome:
    """The real four seasons, ingested and built, with the holes declared that their sources have; never write to it."""

    def build(folder: Path) -> None:
        shutil.copytree(ingested_home.path, folder, ignore=shutil.ignore_patterns("raw", "done"))
        shutil.copyfile(UNAVAILABLE, folder / "backcourt.toml")
        backcourt.open(folder).run()

    return BuiltHome(backcourt.open(_once(shared_folder / "real", build)))


@pytest.fixture(scope="session")
def undeclared_home(real_home: BuiltHome, shared_folder: Path) -> BuiltHome:
    """The real home to whom nobody has said what its sources lack; never write to it."""

    def build(folder: Path) -> None:
        shutil.copytree(real_home.home.path, folder, ignore=shutil.ignore_patterns("backcourt.toml", "done"))

    return BuiltHome(backcourt.open(_once(shared_folder / "undeclared", build)))


@pytest.fixture(scope="session")
def simulated_home(shared_folder: Path) -> BuiltHome:
    """Two short seasons of the simulated league, ingested and built; never write to it."""
    pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")
    from backcourt.simulate import simulate

    def build(folder: Path) -> None:
        simulate(folder / "raw", seasons=2, seed=11, games_per_team=16)
        home = backcourt.open(folder / "home")
        home.init(simulated=True)
        home.ingest(folder / "raw")
        home.run()

    return BuiltHome(backcourt.open(_once(shared_folder / "two_seasons", build) / "home"))


@pytest.fixture(scope="session", params=["simulated", *([pytest.param("real", marks=pytest.mark.slow)] if HAS_REAL_DATA else [])])
def every_home(request: pytest.FixtureRequest) -> BuiltHome:
    """One home after the other: what is said of declarations holds whatever the rows are."""
    found: BuiltHome = request.getfixturevalue(f"{request.param}_home")
    return found


@pytest.fixture(scope="session")
def some_home(request: pytest.FixtureRequest) -> BuiltHome:
    """The real home where its data are, else the simulated one: for what needs rows, and not which."""
    found: BuiltHome = request.getfixturevalue("real_home" if HAS_REAL_DATA else "simulated_home")
    return found


@pytest.fixture
def damaged_home(real_home: BuiltHome, tmp_path: Path) -> Iterator[BuiltHome]:
    """A copy of the real home for a test to damage."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(real_home.home.warehouse_file, folder / "warehouse.duckdb")
    shutil.copyfile(UNAVAILABLE, folder / "backcourt.toml")
    yield BuiltHome(backcourt.open(folder))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def analyser_of(pytestconfig: pytest.Config) -> Callable[[Schema], Analyser]:
    """An analyser of a schema; skips where the package isn't installed."""
    folder = pytestconfig.rootpath / ".pytest_cache" / "googlesql"
    return lambda columns: Analyser(columns, folder)
