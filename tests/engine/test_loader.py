"""One way to be found: what lies in a folder is declared, and a file that can't be used is one sentence and nothing more."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="systems need the extra `ml`: pip install 'backcourt[ml]'")

from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.declare.loader import Kind, Loaded, load
from backcourt.engine.declare.mistyped import mistyped
from backcourt.engine.declare.problem import Problem
from backcourt.engine.declare.table import AFTER_GAME, Relation, Table, keys, same
from backcourt.engine.errors import DeclarationError
from backcourt.forecasting.system import SYSTEMS, System, systems
from backcourt.publishing.endpoints import ENDPOINTS
from backcourt.sources.declared import FEEDS, RELATIONS, sources
from backcourt.sources.feed import Feed, Field, Fill
from backcourt.tables import declared as declarations
from backcourt.tables.declared import TABLES
from tests.extensions.examples import FILES, put

KINDS: dict[str, Kind[Any]] = {kind.folder: kind for kind in (TABLES, RELATIONS, FEEDS, SYSTEMS, ENDPOINTS)}
EXAMPLES = {name.partition("/")[0]: name for name in FILES if name.endswith(".py") and "/_" not in name}
OWN = {"tables": "games", "relations": "schedule", "systems": "ridge", "endpoints": "picks"}
EVERY_KIND = pytest.mark.parametrize("folder", KINDS)

# What is in the file, the line that the sentence names, and a word of it; {attribute} is the kind's.
BROKEN = {
    "no python": ("rate = 1\nif:\n", 2, "SyntaxError"),
    "raises": ("\n\nraise KeyError('odd')\n", 3, "KeyError: 'odd'"),
    "raises elsewhere": ("import json\n\njson.loads('{')\n", 3, "JSONDecodeError"),
    "lacks a library": ("import no_library_of_this_name\n", 1, "no_library_of_this_name"),
    "ends the program": ("import sys\nsys.exit(3)\n", 2, "SystemExit"),
    "several lines": ("raise ValueError('one\\ntwo.\\n')\n", 1, "ValueError: one two; "),
    "empty": ("", None, "is empty"),
    "a comment": ("# later\n", None, "is empty"),
    "declares nothing": ("rate = 1\n", None, "declares nothing"),
    "another type": ("rate = 1\n{attribute} = rate\n", 2, "of the type int"),
    "a null byte": ("rate = 1\n\0", None, "null bytes"),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package's own queries say of themselves, parsed once."""
    file = tmp_path_factory.mktemp("cache") / "statements.json"
    declarations.catalog(None, file)
    return file


def own_names() -> set[str]:
    """The tables and relations of the package."""
    return {*load(TABLES).found, *load(RELATIONS).found}


def only_problem(loaded: Loaded[Any], kind: Kind[Any]) -> Problem:
    """The one problem there is, while everything of the package's own is there."""
    assert {name for name, one in loaded.found.items() if one.is_own} == set(load(kind).found) and loaded.found
    assert [name for name, one in loaded.found.items() if not one.is_own] == []
    (problem,) = loaded.problems
    assert problem.sentence.endswith(".") and "\n" not in problem.sentence
    return problem


@EVERY_KIND
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_one_sentence_with_its_line(what: str, folder: str, tmp_path: Path) -> None:
    kind, (text, line, word) = KINDS[folder], BROKEN[what]
    file = tmp_path / folder / "mine.py"
    file.parent.mkdir()
    file.write_text(text.replace("{attribute}", kind.attribute))
    problem = only_problem(load(kind, tmp_path), kind)
    assert (problem.file, problem.line) == (str(file), line)
    assert problem.sentence.startswith(f"{file}, line {line}: " if line else f"{file}: ") and word in problem.sentence


@EVERY_KIND
def test_a_file_is_declared_by_lying_there_and_gone_when_it_is_gone(folder: str, tmp_path: Path) -> None:
    put(tmp_path)
    kind, file = KINDS[folder], tmp_path / EXAMPLES[folder]
    loaded = load(kind, tmp_path)
    assert loaded.problems == ()
    (mine,) = [one for one in loaded.found.values() if not one.is_own]
    assert mine.file == file and isinstance(mine.declaration, kind.type) and set(load(kind).found) < set(loaded.found)
    assert load(kind, tmp_path) is loaded, "an unchanged file was run again"
    file.write_text("raise ValueError\n")
    assert "ValueError; correct it" in only_problem(load(kind, tmp_path), kind).sentence
    file.unlink()
    assert load(kind, tmp_path).problems == () and set(load(kind, tmp_path).found) == set(load(kind).found)


@pytest.mark.parametrize("folder", OWN)
def test_a_name_that_exists_already_is_refused_at_its_line(folder: str, tmp_path: Path) -> None:
    put(tmp_path)
    file = (tmp_path / EXAMPLES[folder]).rename(tmp_path / folder / f"{OWN[folder]}.py")
    problem = only_problem(load(KINDS[folder], tmp_path), KINDS[folder])
    assert problem.file == str(file) and f"there is {OWN[folder]!r} already" in problem.sentence
    assert file.read_text().splitlines()[(problem.line or 0) - 1].startswith(f"{KINDS[folder].attribute} = ")


def test_a_feed_has_the_name_that_it_gives_itself(tmp_path: Path) -> None:
    put(tmp_path, "feeds/official_lists.py")
    (tmp_path / "feeds" / "second.py").write_text(FILES["feeds/official_lists.py"])
    loaded = load(FEEDS, tmp_path)
    assert "officials" in loaded.found
    (problem,) = loaded.problems
    assert problem.file.endswith("second.py") and "'officials' already" in problem.sentence and "official_lists.py" in problem.sentence


def test_tables_and_relations_share_their_names(cache: Path, tmp_path: Path) -> None:
    put(tmp_path, "relations/officials.py", "tables/game_officials.py")
    for source, target in (("relations/officials.py", "relations/games.py"), ("tables/game_officials.py", "tables/officials.py")):
        (tmp_path / target).write_text(FILES[source])
    (tmp_path / "tables" / "receipts.py").write_text(FILES["tables/game_officials.py"])
    (tmp_path / "tables" / "raw_player_box.py").write_text(FILES["tables/game_officials.py"])
    catalog = declarations.catalog(tmp_path, cache)
    assert {Path(problem.file).relative_to(tmp_path).as_posix() for problem in catalog.problems} == {
        "relations/games.py", "tables/officials.py", "tables/receipts.py", "tables/raw_player_box.py",
    }  # fmt: skip
    assert catalog["games"].is_built and isinstance(catalog["officials"].declaration, Relation) and catalog["game_officials"].is_built


@pytest.mark.parametrize("name", ["ensemble", "market", "market_blend", "p_play"])
def test_no_system_takes_the_name_of_what_is_made_of_all_systems(name: str, tmp_path: Path) -> None:
    put(tmp_path, "systems/level.py", "systems/_rates.py")
    (tmp_path / "systems" / "level.py").rename(tmp_path / "systems" / f"{name}.py")
    assert set(systems(tmp_path)) == set(systems())


@pytest.mark.parametrize("name", ["Mine", "my-table", "2nd", "mine.old"])
def test_a_file_that_no_sql_can_name_is_refused(name: str, tmp_path: Path) -> None:
    put(tmp_path, "tables/game_officials.py")
    (tmp_path / "tables" / "game_officials.py").rename(tmp_path / "tables" / f"{name}.py")
    assert "small letters, digits and underscores" in only_problem(load(TABLES, tmp_path), TABLES).sentence


def test_helpers_declare_nothing_and_are_read_anew(tmp_path: Path) -> None:
    put(tmp_path, "systems/level.py", "systems/_rates.py")
    system = systems(tmp_path)["level"]
    model = pickle.loads(pickle.dumps(system.fit(None)))  # type: ignore[arg-type]
    assert type(model).__module__ == "backcourt_home_systems_level" and sys.modules["_rates"].RATE == 1.0
    (tmp_path / "systems" / "_rates.py").write_text("RATE = 22.0\n")
    assert "level" in systems(tmp_path) and sys.modules["_rates"].RATE == 22.0
    (tmp_path / "systems" / "_rates.py").write_text("RATE = \n")
    problem = only_problem(load(SYSTEMS, tmp_path), SYSTEMS)
    assert (problem.file, problem.line) == (str(tmp_path / "systems" / "level.py"), 1)


def test_each_home_has_its_own_helpers(tmp_path: Path) -> None:
    for number, home in enumerate(("first", "second")):
        put(tmp_path / home, "tables/game_officials.py")
        (tmp_path / home / "tables" / "_phases.py").write_text(f"PHASE = {number + 3}\n")
        text = FILES["tables/game_officials.py"].replace("phase=3", "phase=_phases.PHASE")
        (tmp_path / home / "tables" / "game_officials.py").write_text(f"import _phases\n{text}")
    phases = [load(TABLES, tmp_path / home).declarations["game_officials"].phase for home in ("first", "second")]
    assert phases == [3, 4]


@EVERY_KIND
def test_a_folder_that_is_none_is_nothing(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).write_text("raise ValueError\n")
    assert load(KINDS[folder], tmp_path).problems == ()


# ---- libraries ------------------------------------------------------------------------------------------------------------------

Install = Callable[[str, str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a library with an entry point; its folder of declarations."""

    def call(name: str, value: str) -> Path:
        site = tmp_path / "site"
        information = site / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[backcourt]\n{name} = {value}\n")
        folder = site / name / "declarations"
        folder.mkdir(parents=True)
        for package in (site / name, folder):
            (package / "__init__.py").touch()
        monkeypatch.syspath_prepend(str(site))
        return folder

    return call


@EVERY_KIND
def test_a_library_is_found_by_its_entry_point(folder: str, install: Install) -> None:
    library = f"library_of_{folder}"
    lies = install(library, f"{library}.declarations")
    put(lies)
    for package in KINDS:
        (lies / package / "__init__.py").touch()
    beside = FILES["systems/level.py"].replace("import _rates", f"from {library}.declarations.systems import _rates")
    (lies / "systems" / "level.py").write_text(beside)
    (lies / folder / "broken.py").write_text("rate = 1\nraise ValueError('odd')\n")
    loaded = load(KINDS[folder])
    (mine,) = [one for one in loaded.found.values() if not one.is_own]
    assert mine.file == lies / EXAMPLES[folder]
    (problem,) = loaded.problems
    assert (problem.file, problem.line) == (str(lies / folder / "broken.py"), 2) and "ValueError: odd" in problem.sentence


@pytest.mark.parametrize(
    ("value", "word"), [("nowhere_to_be_found.declarations", "nowhere_to_be_found"), ("json.decoder", "no installed package")]
)
def test_an_entry_point_that_leads_nowhere_is_one_sentence(value: str, word: str, install: Install) -> None:
    install("astray", value)
    loaded = load(TABLES)
    (problem,) = loaded.problems
    assert "'astray'" in problem.sentence and word in problem.sentence and "games" in loaded.found


def test_a_home_comes_before_a_library(install: Install, tmp_path: Path) -> None:
    put(tmp_path / "home", "endpoints/officials.py")
    put(install("later", "later.declarations"), "endpoints/officials.py")
    loaded = load(ENDPOINTS, tmp_path / "home")
    assert loaded.found["officials"].file.is_relative_to(tmp_path / "home")
    (problem,) = loaded.problems
    assert problem.file.startswith(str(tmp_path / "site"))


# ---- the package's own ------------------------------------------------------------------------------------------------------------


def test_a_broken_file_of_the_package_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "own_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "odds.py").write_text("RATE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    lenient, strict = (Kind("table", Table, "elsewhere", ("own_package",), has_helpers=helpers) for helpers in (True, False))
    assert load(lenient).found == {}
    with pytest.raises(DeclarationError, match=r"odds\.py doesn't declare `table = Table\(\.\.\.\)`"):
        load(strict)
    (package / "broken.py").write_text("raise ValueError('odd')\n")
    with pytest.raises(ValueError, match="odd"):
        load(Kind("table", Table, "elsewhere too", ("own_package",), has_helpers=True))


@EVERY_KIND
def test_everything_of_the_package_holds_what_its_fields_say(folder: str) -> None:
    found = load(KINDS[folder]).declarations
    assert found and {name: said for name, declaration in found.items() if (said := mistyped(declaration))} == {}


# ---- what a declaration holds -------------------------------------------------------------------------------------------------------

PLAIN = Table(phase=3, grain=("game_date",), reads={}, sql="", expects=keys(""))
MISTYPED: dict[str, tuple[Any, str]] = {
    "a text for a number": (replace(PLAIN, phase="3"), "`phase` is '3', which must be int"),
    "a word that isn't one of them": (replace(PLAIN, games="all"), "`games` is 'all', which must be 'final' or"),
    "an item": (replace(PLAIN, grain=("game_date", 4)), "`grain` holds what is 4"),
    "a value": (replace(PLAIN, reads={"a": "same"}), "`reads` holds what is 'same'"),
    "no function": (System(fit=3, layer="plain"), "`fit` is 3"),  # type: ignore[arg-type]
    "a list for a set": (Feed(name="mine", columns=["a"], fills=[]), "`columns` is ['a']"),  # type: ignore[arg-type]
    "deep inside": (
        Feed(name="mine", columns=frozenset("a"), fills=[Fill("raw_a", [Field("a", "word", "a")], "a", ("a",))]),  # type: ignore[arg-type]
        "`fills` holds a Fill whose `fields` holds a Field whose `kind` is 'word'",
    ),
}


@pytest.mark.parametrize("what", MISTYPED)
def test_a_value_of_another_type_is_named(what: str) -> None:
    declaration, sentence = MISTYPED[what]
    assert mistyped(declaration).startswith(sentence)


def test_a_mistyped_file_is_left_out_at_its_line(tmp_path: Path) -> None:
    put(tmp_path, "tables/game_officials.py")
    file = tmp_path / "tables" / "game_officials.py"
    file.write_text(FILES["tables/game_officials.py"].replace("phase=3", "phase='3'"))
    problem = only_problem(load(TABLES, tmp_path), TABLES)
    assert problem.line == 3 and "`phase` is '3', which must be int" in problem.sentence


FEED_CHANGES = {
    'raw="raw_officials"': ('raw="receipts"', "it fills 'receipts'"),
    '"raw_officials"': ('"raw_loads"', "it fills 'raw_loads'"),
    'Field("official", "text"': ('Field("the official", "text"', "'the official' of raw_officials is no column's name"),
    'columns("official", "game", "day")': ("columns()", "no columns to be recognised by"),
}


@pytest.mark.parametrize("old", FEED_CHANGES)
def test_a_feed_that_would_harm_the_warehouse_is_left_out(old: str, tmp_path: Path) -> None:
    new, word = FEED_CHANGES[old]
    put(tmp_path, "feeds/official_lists.py")
    (tmp_path / "feeds" / "official_lists.py").write_text(FILES["feeds/official_lists.py"].replace(old, new))
    assert word in only_problem(load(FEEDS, tmp_path), FEEDS).sentence


def test_a_feed_gives_a_raw_column_the_kind_that_it_has(tmp_path: Path) -> None:
    put(tmp_path, "feeds/official_lists.py")
    text = FILES["feeds/official_lists.py"].replace("raw_officials", "raw_player_box").replace('"official", "text"', '"player_id", "text"')
    (tmp_path / "feeds" / "official_lists.py").write_text(text)
    known = sources(tmp_path)
    (problem,) = known.problems
    assert "raw_player_box.player_id is text here and integer in" in problem.sentence and set(known.feeds) == set(sources().feeds)


def test_a_raw_table_from_outside_is_measured_whole(tmp_path: Path) -> None:
    put(tmp_path, "feeds/official_lists.py", "relations/officials.py")
    known = sources(tmp_path)
    assert known.raws["officials"] >= {"raw_officials"} and "raw_officials" not in known.own_raws and "raw_player_box" in known.own_raws
    assert [field.name for field in known.raw_columns["raw_officials"]] == ["game_date", "game_id", "official"]


# ---- graphs ------------------------------------------------------------------------------------------------------------------------


def reading(*names: str) -> str:
    """The file of a table that reads these."""
    joined = " ".join(f"join {name} on {name}.game_id = schedule.game_id" for name in names)
    reads = ", ".join(f'"{name}": same()' for name in ("schedule", *names))
    return (
        f"{FILES['tables/game_officials.py'].splitlines()[0]}\ntable = Table(phase=3, grain=('game_date', 'game_id'), known=AFTER_GAME, "
        f"reads={{{reads}}}, expects=keys('select game_date, game_id from schedule'), sql='''\nselect\n"
        "    schedule.game_date::date as game_date,  -- date\n    schedule.game_id::varchar as game_id,  -- game\n"
        f"from schedule {joined}\n''')\n"
    )


Graph = tuple[list[set[int]], set[int]]
"""Per table which others it reads, and which files are broken."""
GRAPHS = st.integers(1, 6).flatmap(
    lambda size: st.tuples(
        st.lists(st.sets(st.integers(0, size - 1), max_size=2), min_size=size, max_size=size), st.sets(st.integers(0, size - 1), max_size=2)
    )
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=GRAPHS)
def test_a_table_is_there_when_all_that_it_reads_is(graph: Graph, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    reads, broken = graph
    home = tmp_path_factory.mktemp("home")
    (home / "tables").mkdir()
    for number, others in enumerate(reads):
        text = "raise ValueError\n" if number in broken else reading(*(f"own_{other}" for other in sorted(others)))
        (home / "tables" / f"own_{number}.py").write_text(text)
    there: set[int] = set()
    while grown := {n for n, others in enumerate(reads) if n not in broken and others <= there} - there:
        there |= grown
    catalog = declarations.catalog(home, cache)
    assert {name for name in catalog.nodes if name.startswith("own_")} == {f"own_{number}" for number in there}
    left_out = sorted(f"own_{number}" for number in range(len(reads)) if number not in there)
    assert sorted(Path(problem.file).stem for problem in catalog.problems) == left_out
    assert own_names() <= set(catalog.nodes)


def test_what_is_lacking_is_named(cache: Path, tmp_path: Path) -> None:
    put(tmp_path, "tables/game_officials.py")
    folder = tmp_path / "tables"
    (folder / "after.py").write_text(reading("game_officials"))
    (folder / "said.py").write_text(reading("forecasts"))
    (folder / "no_sql.py").write_text(reading().replace("from schedule \n", "from (schedule\n"))
    (folder / "half_a_text.py").write_text(reading().replace("from schedule \n", "from schedule where 'a\n"))
    (folder / "unbounded.py").write_text(reading("games").replace('"games": same()', ""))
    (folder / "twice_a.py").write_text(reading("twice_b"))
    (folder / "twice_b.py").write_text(reading("twice_a"))
    found = {Path(problem.file).stem: problem for problem in declarations.catalog(tmp_path, cache).problems}
    words = {
        "game_officials": "it reads 'officials', which is neither a table nor a relation",
        "after": "it reads 'game_officials', which is left out",
        "said": "it reads 'forecasts', which is appended to",
        "no_sql": "the query doesn't parse",
        "half_a_text": "the query doesn't parse",
        "unbounded": "the query reads 'games', which `reads` doesn't bound",
        "twice_a": "twice_a -> twice_b -> twice_a",
        "twice_b": "twice_a -> twice_b -> twice_a",
    }
    assert {name: problem.sentence for name, problem in found.items() if words.get(name, "-") not in problem.sentence} == {}
    assert set(found) == set(words)
    assert {name: problem.line for name, problem in found.items()} == {name: 3 if name == "game_officials" else 2 for name in words}


def test_without_a_relation_its_readers_go_too(cache: Path, tmp_path: Path) -> None:
    put(tmp_path, "feeds/official_lists.py", "relations/officials.py", "tables/game_officials.py")
    (tmp_path / "tables" / "after.py").write_text(reading("game_officials"))
    catalog = declarations.catalog(tmp_path, cache)
    assert catalog.problems == () and catalog.without(()) is catalog
    fewer = catalog.without(["officials"])
    assert set(catalog.nodes) - set(fewer.nodes) == {"officials", "game_officials", "after"}
    assert sorted(Path(problem.file).stem for problem in fewer.problems) == ["after", "game_officials"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(end=st.integers(0, len(FILES["tables/game_officials.py"])), junk=st.text(st.characters(codec="utf-8"), max_size=8))
def test_a_file_that_was_cut_short_or_mangled_stops_nothing(end: int, junk: str, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir(exist_ok=True)
    file = tmp_path / "tables" / "game_officials.py"
    text = FILES["tables/game_officials.py"][:end] + junk
    file.write_text(text, encoding="utf-8", newline="")
    catalog = declarations.catalog(tmp_path, cache)
    assert own_names() <= set(catalog.nodes)
    assert all(problem.file == str(file) and "\n" not in problem.sentence for problem in catalog.problems)
    assert len(catalog.problems) + ("game_officials" in catalog.nodes) == 1
    assert all(problem.line is None or 1 <= problem.line <= len(text.splitlines()) + 1 for problem in catalog.problems)


def test_a_catalog_of_nodes_alone_has_no_problems() -> None:
    table = Table(phase=3, grain=("game_date",), reads={"a": same()}, sql="select", expects=keys("select"), known=AFTER_GAME)
    assert Catalog([]).problems == () and mistyped(table) == ""
