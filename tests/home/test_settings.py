"""A home's settings: environment before file before default, and one sentence for whatever can't be a setting."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.field.seasons import SEASON_TYPES
from backcourt.home import settings
from backcourt.home.settings import Settings, read

SHIPPED = Path(__file__).parents[1] / "data" / "unavailable_2021-25.toml"
ENTRY = '[[unavailable]]\nsource = "shots"\nreason = "not in the archive"\n'
WHOLE_FILE = """
threads = 3
memory_limit = "512MB"
workers = 4
wait_seconds = 5

[policy]
legacy_coverage_percent = 90
chunk_deadline_seconds = 60
attempts = 5
chunk_rows = 1_000

[[unavailable]]
source = "shots"
season_types = ["playoffs", "play_in"]
from = "2021-10-19"
to = 2022-06-16
from_game = "0022100001"
to_game = "0022101230"
reason = "not in the archive"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write(home: Path, text: str | bytes) -> Path:
    (home / settings.FILE_NAME).write_bytes(text.encode() if isinstance(text, str) else text)
    return home


def complaint(home: Path) -> str:
    """The sentence that refuses the settings of a home."""
    with pytest.raises(BackcourtError) as refused:
        read(home)
    sentence = str(refused.value)
    assert len(sentence.splitlines()) == 1
    assert sentence.endswith(".")
    assert refused.value.exit_code == 2
    return sentence


def test_a_folder_without_a_file_has_the_defaults_and_stays_empty(home: Path) -> None:
    assert read(home) == Settings(threads=None, memory_limit="2GB", workers=2, wait_seconds=30.0, policy=Policy())
    assert not list(home.iterdir())


def test_every_key_of_the_file_is_read(home: Path) -> None:
    kinds = ("playoffs", "play_in")
    entry = Unavailable("shots", "not in the archive", date(2021, 10, 19), date(2022, 6, 16), "0022100001", "0022101230", kinds)
    assert read(write(home, WHOLE_FILE)) == Settings(3, "512MB", 4, 5.0, Policy(90.0, 60.0, 5, 1_000, (entry,)))


def test_a_changed_file_is_read_again(home: Path) -> None:
    assert read(write(home, "workers = 3")).workers == 3
    assert read(write(home, "workers = 4")).workers == 4


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, WHOLE_FILE)
    entries = read(home).policy.unavailable
    variables = {"THREADS": "8", "MEMORY_LIMIT": "80%", "WORKERS": "6", "WAIT_SECONDS": "0.5"}
    policy = {"LEGACY_COVERAGE_PERCENT": "99.5", "CHUNK_DEADLINE_SECONDS": "7", "ATTEMPTS": "1", "CHUNK_ROWS": "9"}
    for name, text in {**variables, **{f"POLICY__{key}": text for key, text in policy.items()}}.items():
        monkeypatch.setenv(f"BACKCOURT_{name}", text)
    assert read(home) == Settings(8, "80%", 6, 0.5, Policy(99.5, 7.0, 1, 9, entries))


def test_the_environment_needs_no_file_and_no_capitals(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("backcourt_workers", "5")
    monkeypatch.setenv("Backcourt_Policy__attempts", "7")
    assert read(home) == Settings(workers=5, policy=Policy(attempts=7))


def test_variables_that_are_no_settings_are_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_HOME", "anywhere")
    monkeypatch.setenv("BACKCOURT_NOW", "2024-01-01")
    assert read(home) == Settings()


def test_the_template_says_the_defaults_and_its_keys_are_known(home: Path) -> None:
    assert read(write(home, settings.TEMPLATE)) == Settings()
    lines = settings.TEMPLATE.splitlines()
    keys = [line.removeprefix("# ") for line in lines if " = " in line or line.startswith("# [")]
    set_out = read(write(home, "\n".join(keys)))
    assert "wait_seconds = 30" in keys
    assert set_out.policy.unavailable[0].kinds == ("play_in", "cup_final")
    assert (set_out.memory_limit, set_out.workers, set_out.wait_seconds) == ("2GB", 2, 30.0)


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        *(("threads", value, "a whole number from 1 to 1024") for value in ("0", "-1", "2.5", "2.0", "true", '"2"', "[1]", "1025")),
        ("threads", "0x" + "f" * 9_000, "a whole number from 1 to 1024"),
        *(("workers", value, "a whole number from 1 to 64") for value in ("0", "65", "false", "{}", "2021-10-19")),
        *(("wait_seconds", value, "a number from 0") for value in ("-0.1", "inf", "nan", "true", '"30"', "1e400", "0x" + "f" * 400)),
        *(
            ("memory_limit", value, '"2GB", "512MB" or "80%"')
            for value in (
                "2",
                '""',
                '"2"',
                '"GB"',
                '"0GB"',
                '"-2GB"',
                '"2XB"',
                '"120%"',
                '"0%"',
                '"2GB\\n"',
                '"٢GB"',
                '"9999999TB"',
                '"1KB"',
            )
        ),
        *(("policy", value, "a table, [policy]") for value in ("1", "[]", '"attempts"', "[[1], {}]")),
        *(("unavailable", value, "a list of tables, [[unavailable]]") for value in ("1", "{}", '"shots"')),
    ],
)
def test_a_bad_value_is_one_sentence_with_file_key_value_and_rule(home: Path, key: str, value: str, rule: str) -> None:
    sentence = complaint(write(home, f"{key} = {value}"))
    assert sentence.startswith(f"{home / settings.FILE_NAME}: {key} = ")
    assert rule in sentence
    assert sentence.endswith("; correct it or remove the key.")


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        *(("attempts", value, "a whole number from 1") for value in ("0", "1.5", "true", '"3"', "10_000_000_000")),
        *(("chunk_rows", value, "a whole number from 1") for value in ("0", "-5", "1e6", "false")),
        *(("chunk_deadline_seconds", value, "a number above 0") for value in ("0", "-1", "inf", "-inf", "nan", "true", "[]")),
        *(("legacy_coverage_percent", value, "a number from 0 to 100") for value in ("-0.5", "100.5", "nan", "true", '"95"')),
    ],
)
def test_a_bad_threshold_is_one_sentence(home: Path, key: str, value: str, rule: str) -> None:
    sentence = complaint(write(home, f"[policy]\n{key} = {value}"))
    assert sentence.startswith(f"{home / settings.FILE_NAME}: [policy]: {key} = ")
    assert rule in sentence


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        *(("source", value, "text of at least 1 character;") for value in ('""', '"  "', "1", "[]")),
        *(("reason", value, "text of at least 3 characters;") for value in ('"no"', '"    "', "true", "1234")),
        *(
            (key, value, 'a date such as "2021-10-19"')
            for key in ("from", "to")
            for value in ("2021", '"2021-02-30"', '"20211019"', '"2021-W42-2"', '"19.10.2021"', "2021-10-19T00:00:00", "10:00:00", '""')
        ),
        *((key, value, "text of at least 1 character;") for key in ("from_game", "to_game") for value in ("22100001", '""')),
        *(
            ("season_types", value, "preseason, regular, ")
            for value in ('"regular"', '["finals"]', "[1]", '[["regular"]]', '["regular", {}]')
        ),
    ],
)
def test_a_bad_declaration_is_one_sentence_with_its_number(home: Path, key: str, value: str, rule: str) -> None:
    others = "".join(f"{line}\n" for line in ENTRY.splitlines() if not line.startswith(key))
    sentence = complaint(write(home, f"{ENTRY}\n{others}{key} = {value}"))
    assert sentence.startswith(f"{home / settings.FILE_NAME}: [[unavailable]] 2: {key} = ")
    assert rule in sentence


@pytest.mark.parametrize("key", ["source", "reason"])
def test_a_declaration_without_source_or_reason_is_refused(home: Path, key: str) -> None:
    others = "".join(f"{line}\n" for line in ENTRY.splitlines() if not line.startswith(key))
    assert f"[[unavailable]] 1: {key} is missing" in complaint(write(home, others))


def test_a_declaration_that_is_no_table_is_refused(home: Path) -> None:
    assert "[[unavailable]] 1: 'shots' must be a table" in complaint(write(home, 'unavailable = ["shots"]'))


def test_a_declaration_may_last_one_day_but_not_end_before_it_starts(home: Path) -> None:
    day = ENTRY + 'from = 2022-01-02\nto = "2022-01-02"'
    assert read(write(home, day)).policy.unavailable[0].to_date == date(2022, 1, 2)
    assert "from = 2022-01-02 must not be after to = 2022-01-01;" in complaint(write(home, ENTRY + "from = 2022-01-02\nto = 2022-01-01"))


@pytest.mark.parametrize("kind", SEASON_TYPES.values())
def test_every_season_type_can_be_declared(home: Path, kind: str) -> None:
    assert read(write(home, f'{ENTRY}season_types = ["{kind}"]')).policy.unavailable[0].kinds == (kind,)


@pytest.mark.parametrize(
    ("text", "place", "unknown", "near", "known"),
    [
        ("worker = 2", ": ", "worker", "workers", "memory_limit"),
        ("[policy]\natempts = 2", ": [policy]: ", "atempts", "attempts", "chunk_rows"),
        (ENTRY + 'season_type = ["regular"]', ": [[unavailable]] 1: ", "season_type", "season_types", "from_game"),
        (ENTRY + "kind = 1", ": [[unavailable]] 1: ", "kind", None, "season_types"),
        ("colour = 1", ": ", "colour", None, "wait_seconds"),
        ('"" = 1', ": ", "", None, "threads"),
    ],
)
def test_an_unknown_key_is_offered_the_nearest(home: Path, text: str, place: str, unknown: str, near: str | None, known: str) -> None:
    sentence = complaint(write(home, text))
    advice = f"write {near!r} or remove it" if near else "remove it"
    assert sentence.startswith(f"{home / settings.FILE_NAME}{place}{unknown!r} is no known key; {advice} (known are ")
    assert known in sentence.partition("known are")[2]


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        *(("BACKCOURT_THREADS", text, "a whole number from 1 to 1024") for text in ("", "many", "2.5", "0", "true", "9" * 5_000)),
        ("BACKCOURT_WORKERS", "65", "a whole number from 1 to 64"),
        ("backcourt_workers", "two\nlines", "a whole number from 1 to 64"),
        *(("BACKCOURT_WAIT_SECONDS", text, "a number from 0") for text in ("-1", "nan", "inf", "soon", "1e400")),
        ("BACKCOURT_MEMORY_LIMIT", "lots", '"2GB", "512MB" or "80%"'),
        ("BACKCOURT_POLICY__ATTEMPTS", "0", "a whole number from 1"),
        ("BACKCOURT_POLICY__CHUNK_DEADLINE_SECONDS", "0", "a number above 0"),
        ("BACKCOURT_POLICY", "{}", "a table, [policy]"),
        ("BACKCOURT_UNAVAILABLE", "[]", "a list of tables, [[unavailable]]"),
    ],
)
def test_a_bad_variable_is_one_sentence_with_its_name(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, rule: str) -> None:
    monkeypatch.setenv(name, text)
    sentence = complaint(home)
    assert sentence.startswith(f"{name}={text!r}"[:80])
    assert rule in sentence
    assert sentence.endswith("; correct or unset it.")


def test_an_unknown_threshold_in_the_environment_is_offered_the_nearest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_POLICY__ATEMPTS", "2")
    assert complaint(home).startswith("BACKCOURT_POLICY__ATEMPTS is no known key; write 'attempts' or ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"workers = 2\n# caf\xe9", "is not UTF-8 at byte 17"),
        (b"\xff\xfew\x00", "is not UTF-8 at byte 0"),
        (b"workers = ", "is not valid TOML"),
        (b"workers = 2\nworkers = 2", "is not valid TOML"),
        (b"workers = " + b"9" * 5_000, "is not valid TOML"),
        (b"workers = " + b"[" * 100_000, "is nested too deep"),
        (b"workers" + b".a" * 5_000 + b" = 1", "must be a whole number"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_sentence(home: Path, content: bytes, reason: str) -> None:
    sentence = complaint(write(home, content))
    assert sentence.startswith(str(home / settings.FILE_NAME))
    assert reason in sentence


def test_a_folder_under_the_name_is_one_sentence(home: Path) -> None:
    (home / settings.FILE_NAME).mkdir()
    assert "is no file" in complaint(home)


def test_a_file_that_cannot_be_read_is_one_sentence(home: Path) -> None:
    (home / settings.FILE_NAME).symlink_to(home / settings.FILE_NAME)
    assert "can't be read (" in complaint(home)


ACCEPTED = ["2GB", "512MB", "80%", "1MB", "1.5 gb", "2GiB", "2g", "0.5GB", "999999TB", "100%", "1%", "99.999 %"]


@pytest.mark.parametrize("limit", ACCEPTED)
def test_an_accepted_memory_limit_is_one_that_duckdb_starts_with(home: Path, limit: str) -> None:
    found = read(write(home, f'memory_limit = "{limit}"')).memory_limit
    with duckdb.connect(config={"memory_limit": found}) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_the_hash_that_verdicts_cite_is_that_of_earlier_releases(home: Path) -> None:
    assert read(home).policy.hash == "0ea38ac69213f0e4"
    # They shipped the declaration with one game less.
    shipped = SHIPPED.read_text().replace('from_game = "0022100581"', 'from_game = "0022100582"')
    (home / settings.FILE_NAME).write_text(shipped)
    assert read(home).policy.hash == "94098aef27e17910"


def test_a_whole_number_gives_the_hash_of_the_same_decimal(home: Path) -> None:
    whole = read(write(home, "[policy]\nlegacy_coverage_percent = 90\nchunk_deadline_seconds = 60")).policy
    decimal = read(write(home, "[policy]\nlegacy_coverage_percent = 90.0\nchunk_deadline_seconds = 60.0")).policy
    assert whole.hash == decimal.hash != Policy().hash


def test_a_date_gives_the_hash_of_the_same_text(home: Path) -> None:
    text = read(write(home, ENTRY + 'from = "2021-10-19"')).policy
    assert text.hash == read(write(home, ENTRY + "from = 2021-10-19")).policy.hash != read(write(home, ENTRY)).policy.hash


def test_reading_settings_imports_no_warehouse() -> None:
    code = f"""
import importlib.util, sys
specification = importlib.util.spec_from_file_location("settings", {settings.__file__!r})
module = importlib.util.module_from_spec(specification)
sys.modules["settings"] = module
specification.loader.exec_module(module)
print(*{{"duckdb", "numpy", "rich", "typer", "pydantic"}} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == "\n"


def settles(home: Path, content: bytes) -> None:
    """Either settings whose policy can be cited, or one line."""
    write(home, content)
    try:
        found = read(home)
    except BackcourtError as refused:
        assert len(str(refused).splitlines()) == 1
    else:
        assert isinstance(found, Settings)
        assert len(found.policy.hash) == 16


anything = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@anything
@given(st.binary() | st.text().map(str.encode))
@example(b"[policy]\r\nattempts = 2\r")
@example(b"\xef\xbb\xbfworkers = 2")
def test_any_bytes_give_settings_or_one_line(home: Path, content: bytes) -> None:
    settles(home, content)


TOP = ["threads", "memory_limit", "workers", "wait_seconds", "policy", "unavailable"]
BELOW = ["attempts", "chunk_rows", "chunk_deadline_seconds", "legacy_coverage_percent", "source", "reason", "from", "to", "season_types"]


def quoted(text: str) -> str:
    """A TOML basic string of any text."""
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


texts = st.sampled_from(["2GB", "80%", "2021-10-19", "regular", "the archive", ""]).map(quoted) | st.text(max_size=8).map(quoted)
numbers = (st.integers() | st.integers(0, 100) | st.floats()).map(str)
scalars = st.one_of(
    texts, numbers, st.booleans().map(lambda is_so: str(is_so).lower()), st.dates().map(str), st.datetimes().map(str), st.times().map(str)
)
keys = st.sampled_from(TOP + BELOW) | st.text(max_size=8).map(quoted)


def inline(pairs: dict[str, str]) -> str:
    """A TOML inline table."""
    return "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"


values = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=3).map(lambda found: f"[{', '.join(found)}]") | st.dictionaries(keys, below, max_size=4).map(inline)
    ),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, max_size=5).map(lambda pairs: "\n".join(f"{key} = {value}" for key, value in pairs.items()))


@anything
@given(documents)
@example('policy = {attempts = 1}\nunavailable = [{source = "a", reason = "abc", from = 0001-01-01}]')
def test_any_document_gives_settings_or_one_line(home: Path, document: str) -> None:
    settles(home, document.encode())
