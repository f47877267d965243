"""Whatever is typed: an exit code of the list, a sentence or two on stderr, no traceback, and a home that is as it was."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from backcourt.cli import main
from tests.faults.conftest import twelve_dates  # noqa: F401 - a fixture

DAY = "2021-11-05"
"""A date of the league with games."""
DATES = ["2024-02-30", "yesterday", "9999-12-31", "0001-01-01", "2024-13-01", "٢٠٢٤-٠١-٠١", "2024-01-01T00:00:00", "'; --"]
SEASONS = ["2023", "2019-20", "2021-23", "9999-00", "2021-22..2019-20", "..", "x'; drop table games; --", "2021-22\n2022-23"]
NAMES = ["nothing", "gamez", "x'; drop table games; --", 'a"b', "two\nlines", "Ñandú 名前", " ", "../..", "%s{0}", "a" * 3_000]
NUMBERS = ["0", "-1", "1.5", "many", "nan", "9" * 30, "1e9"]
SECONDS = ["0", "-1", "nan", "inf", "-inf", "soon"]
FILES = ["{folder}", "{folder}/missing/rows.parquet", "{file}/rows.parquet"]
FOLDERS = ["{file}", "{file}/below"]
WRONG: dict[str, list[str]] = {
    "--from": DATES, "--to": DATES, "--date": DATES, "--tonight": DATES, "--why": DATES, "--until": DATES, "on": DATES,
    "--as-of": [*DATES, "0001-01-01T00:00:00+14:00"], "--captured-at": ["yesterday", "9999-12-31T23:59:59-12:00", "0001-01-01"],
    "--season": SEASONS, "--table": NAMES, "table": NAMES, "--market": NAMES, "system": NAMES, "--for": NAMES,
    "--select": [*NAMES, "phase:", "phase:²", "phase:9", "state:good", "+gamez", "+"], "--phase": ["9", "-1", "two", "9" * 5_000],
    "--by": NAMES[:4], "--column": NAMES[:4], "--groups": NAMES, "--label": NAMES[:4], "--ready": NAMES[:4], "--moment": NAMES[:4],
    "--format": ["xml", "TABLE"], "--game": NAMES[:4], "name": NAMES, "--snapshot": NAMES[:4], "query": ["selec", "from gamez", "x'", "''"],
    "--workers": NUMBERS, "--slates": NUMBERS, "--sample": NUMBERS, "--scale": NUMBERS[1:], "--leagues": NUMBERS,
    "--seed": ["-1", "1.5", "nan", "x"], "--max-time": SECONDS, "--out": FILES, "--box": ["{folder}/missing", "{folder}/a'b"],
    "--data": ["{file}", "{folder}/missing"], "paths": ["{folder}/missing", "{folder}/a\nb", "/dev/null", "{file}"],
    "--home": ["{folder}/missing", "{file}", "{folder}/a?b", "{folder}", "/dev/null/home", "{folder}/" + "a" * 3_000],
}  # fmt: skip
"""Option or argument -> what it can't take."""
BY_VERB = {
    ("backtest", "--seasons"): SEASONS, ("simulate", "--seasons"): [*NUMBERS, "60"], ("bench", "--seasons"): [*NUMBERS, "60"],
    ("publish", "--out"): FOLDERS, ("live", "--out"): FOLDERS, ("simulate", "out"): FOLDERS, ("simulate", "--seed"): ["-1", "1.5", "x"],
    ("leaktest", "--seed"): ["1.5", "nan", "x"], ("calendar", "--why"): DATES,
}  # fmt: skip
RIGHT: dict[str, list[str]] = {
    "simulate": ["{folder}/raw"], "ingest": ["{folder}/missing"], "why": ["games", DAY], "waive": ["games", DAY, "--reason", "so"],
    "replay": [DAY], "features": ["--out", "{folder}/rows.parquet"], "describe": ["player_form"], "predict": [], "promote": ["ridge"],
    "live": ["--date", DAY, "--box", "{folder}"], "sql": ["from games"], "show": ["BOS", DAY],
    "export": ["games", "--out", "{folder}/games.parquet"], "bench": ["--data", "{folder}/missing"], "run": ["--dry-run"],
    "backfill": ["--dry-run"], "build": ["--dry-run"],
}  # fmt: skip
"""What a verb is given beside the wrong word."""
HARMLESS = {("bench", "--scale", "0")}
TOLD_ON_STDOUT = ("doctor", "--home")
"""A report on what is wrong is what this verb is for; what it says has tests of its own."""


def _cases() -> Iterator[tuple[str, str, str]]:
    """Of each option and argument of each verb two wrong words, others each time, so that each word comes to several verbs."""
    turn = 0
    for verb, command in get_command(main.app).commands.items():  # type: ignore[attr-defined]
        for parameter in command.params:
            word = parameter.opts[0]
            wrong = BY_VERB.get((verb, word)) or WRONG.get(word, [])
            for _ in range(min(2, len(wrong))):
                turn += 1
                yield verb, word, wrong[turn % len(wrong)]


GENERATED = [case for case in dict.fromkeys(_cases()) if case not in HARMLESS and case[:2] != TOLD_ON_STDOUT]
WRITTEN: list[list[str]] = [
    ["nothing"], ["doctor", "--nothing"], ["--nothing"], ["status", "--nothing"], ["statsu"], ["--home"], ["status", "--home"],
    ["plan", "more", "words"], ["sql"], ["sql", "--", "--help me"], ["sql", "select 1", "select 2"], ["why", "games"],
    ["show", "--", "--nobody", DAY], ["-h"], ["export", "games"], ["plan", "--season", ""], ["plan", "--season="],
    ["run", "--date", ""], ["grade", "--date", ""], ["verify", "--for", ""], ["", "status"], ["status", ""],
    ["--home", "", "status"], ["sql", ""], ["sql", "--", ""], ["features", "--out", ""], ["ingest", ""],
    ["plan", "--from", "2022-01-02", "--to", "2022-01-01"], ["run", "--rebuild"],
    ["grade", "--date", DAY, "--from", DAY], ["grade", "--to", "1946-01-03"],
    ["grade", "--from", "2099-12-31", "--to", "2099-12-31", "--date", DAY], ["predict"], ["publish"],
    ["predict", "--date", DAY, "--from", DAY, "--to", DAY], ["publish", "--from", DAY],
    ["features", "--out", "{folder}/rows.parquet"],
    ["features", "--out", "{folder}/rows.csv", "--from", DAY, "--to", DAY],
    ["features", "--out", "{folder}/x.parquet", "--tonight", DAY, "--label", "points"],
    ["features", "--out", "{folder}/x.parquet", "--from", DAY, "--to", DAY, "--as-of", DAY],
    ["features", "--out", "{folder}/x.parquet", "--from", "1999-01-01", "--to", "1999-01-02"],
    ["export", "gamez", "--out", "{folder}/x.csv"], ["export", "games", "--out", "{folder}/x.xlsx"],
    ["export", "players", "--from", DAY, "--out", "{folder}/x.csv"], ["waive", "games", DAY],
    ["waive", "games", DAY, "--end", "--reason", "x"],
    ["waive", "players", DAY, "--reason", "x", "--until", "2099-01-01"],
    ["waive", "games", "1999-01-01", "--reason", "x", "--until", "2099-01-01"],
    ["waive", "games", DAY, "--reason", "x", "--until", "2000-01-01"], ["why", "games", "1999-01-01"],
    ["replay", "1999-01-01"], ["live", "--date", "1999-01-01", "--box", "{folder}"],
    ["predict", "--date", "1999-01-01"], ["predict", "--from", "1999-01-01", "--to", "1999-01-02"],
    ["promote", "ridge", "--market", "points"], ["reportcard"], ["backtest", "--dry-run", "--market", "points,dunks"],
    ["handoff", "--format", "pdf"], ["init", "--home", "{file}"], ["init", "--home", "{file}/below"],
    ["simulate", "{folder}/raw", "--home", "{folder}"], ["bench", "--home", "x"],
    ["--home", "{folder}", "simulate", "{folder}/raw"], ["--home", "{folder}/one", "plan", "--home", "{folder}/two"],
    ["leaktest", "--table", "players"], ["recompute", "--table", "gamez"],
    ["describe", "player_form", "--column", "gamez"], ["sql", "copy games to '{folder}/x.csv'"],
    ["sql", "select '\udcff'"], ["show", "\udcff", DAY], ["plan", "--table", "\udcff"],
    ["sql", "select * from range(10) limit 'x'"], ["sql", "select error('two\nlines')"],
]  # fmt: skip
DOCUMENTED = {0, 1, 2, 3, 4, 5, 124, 129, 130, 141, 143}


def marked(words: list[str]) -> str:
    """The name of a case."""
    return repr(" ".join(words))[1:60]


def digests(home: Path) -> dict[str, str]:
    """Every file of a home but the records of jobs and what may be deleted at any time."""
    left_out = ("runs", ".cache", "run.lock")
    files = [file for file in sorted(home.rglob("*")) if file.is_file() and file.relative_to(home).parts[0] not in left_out]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


class Typed:
    """The command line in this process, as `backcourt` runs it, below a folder and a file of the user's."""

    def __init__(
        self, home: Path, before: dict[str, str], folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.home, self.before, self.folder = home, before, folder
        self.file = folder / "file.txt"
        self._capture, self._patch = capture, patch

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr. A traceback is an exception here."""
        given = [word.replace("{folder}", str(self.folder)).replace("{file}", str(self.file)) for word in words]
        self._patch.setattr(sys, "argv", ["backcourt", *given])
        self._capture.readouterr()
        code = main.exit_code()
        return code, *self._capture.readouterr()


@pytest.fixture(scope="module")
def typed_home(twelve_dates: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:  # noqa: F811
    """A home with twelve dates, built and read once, and what its files hold."""
    import backcourt

    home = backcourt.open(tmp_path_factory.mktemp("typed") / "home")
    home.init(simulated=True)
    home.ingest(twelve_dates)
    home.run()
    assert home.sql("select count(*) > 0 from games").fetch() == [(True,)]
    return home.path, digests(home.path)


@pytest.fixture
def typed(
    typed_home: tuple[Path, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Typed:
    monkeypatch.setenv("BACKCOURT_HOME", str(typed_home[0]))
    monkeypatch.setenv("BACKCOURT_NOW", "2022-09-01T12:00:00")
    monkeypatch.setenv("BACKCOURT_WAIT_SECONDS", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file.txt").write_text("no data\n")
    return Typed(*typed_home, tmp_path / "folder", capsys, monkeypatch)


def refused(typed: Typed, *words: str) -> str:
    """The sentence that refuses what was typed; nothing has been done."""
    beside = sorted(typed.folder.parent.rglob("*"))
    code, out, told = typed(*words)
    assert code in DOCUMENTED - {0}, (code, out, told)
    assert "Traceback" not in told + out and "Error:" not in re.sub(r"(\w+ ){1,2}Error: ", "", told), told
    assert 1 <= len(told.strip().splitlines()) <= 3 and told.rstrip().endswith((".", "!", ")")), told
    assert digests(typed.home) == typed.before and sorted(typed.folder.parent.rglob("*")) == beside
    return told


def _words(verb: str, word: str, wrong: str) -> list[str]:
    given = list(RIGHT.get(verb, []))
    if word.startswith("--"):
        if word in given:
            at = given.index(word)
            del given[at : at + 2]
        # `--to` alone would be refused for the lack of `--from`.
        others = {"--from": ["--to", DAY], "--to": ["--from", DAY]}.get(word, [])
        return [verb, *given, *others, f"{word}={wrong}"]
    place = {"on": 1}.get(word, 0) if len(given) > 1 and not given[1].startswith("--") else 0
    given[place : place + 1] = [wrong]
    return [verb, *given]


SAMPLED = [pytest.param(*case, marks=[] if number % 5 == 0 else pytest.mark.slow) for number, case in enumerate(GENERATED)]


@pytest.mark.parametrize(("verb", "word", "wrong"), SAMPLED, ids=lambda text: repr(text[:30])[1:-1])
def test_a_wrong_word_is_one_sentence(verb: str, word: str, wrong: str, typed: Typed) -> None:
    refused(typed, *_words(verb, word, wrong))


@pytest.mark.parametrize("words", WRITTEN, ids=marked)
def test_wrong_words_are_one_sentence(words: list[str], typed: Typed) -> None:
    refused(typed, *words)


def test_enough_is_tried_on_every_verb() -> None:
    verbs = set(get_command(main.app).commands)  # type: ignore[attr-defined]
    assert {verb for verb, _, _ in GENERATED} | {words[0] for words in WRITTEN} >= verbs
    assert len(GENERATED) + len(WRITTEN) > 200
