"""Where a command is run: without an output, an environment or a current folder, on a home that lacks a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from backcourt.cli import main
from tests.cli.test_wrong_words import DAY, DOCUMENTED, RIGHT, Typed, digests, typed, typed_home  # noqa: F401 - fixtures
from tests.faults.conftest import twelve_dates  # noqa: F401 - a fixture

PYTHON = f"{sys.executable} -m backcourt"
MAY_BE_UNMET = {
    "doctor", "ingest", "repair", "run", "backfill", "build", "verify", "status", "gaps", "stale", "retry", "leaktest", "recompute",
    "replay", "promote", "grade", "publish",
}  # fmt: skip
VERBS = get_command(main.app).commands  # type: ignore[attr-defined]
WITH_JSON = sorted(verb for verb, command in VERBS.items() if any("--json" in parameter.opts for parameter in command.params))
WITH_HOME = sorted(verb for verb, command in VERBS.items() if any(parameter.name == "home" for parameter in command.params))


def shell(script: str, home: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of shell script, with the home's name in HOME_OF and the caller's environment."""
    given = {**os.environ, "HOME_OF": str(home), "BACKCOURT_NOW": "2022-09-01T12:00:00", **environment}
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, env=given, cwd=cwd)


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (f"{PYTHON} sql 'from range(200000)' --home $HOME_OF | head -n 1; exit ${{PIPESTATUS:-0}}", 0, ""),
        (f"{PYTHON} sql 'from range(200000)' --home $HOME_OF > /dev/full", 2, "No space left"),
        (f"{PYTHON} calendar --home $HOME_OF > /dev/full", 2, "No space left on device"),
        (f"{PYTHON} plan --home $HOME_OF/missing --json > /dev/full", 2, "is no backcourt home"),
        (f"{PYTHON} calendar --home $HOME_OF >&-", 0, ""),
        (f"{PYTHON} plan --home $HOME_OF/missing 2>&-", 2, ""),
        (f"{PYTHON} calendar --home $HOME_OF < /dev/null", 0, ""),
        (f"env -i {PYTHON} calendar --home $HOME_OF", 0, ""),
        (f"env -u HOME -u TERM -u LANG -u USER -u LOGNAME {PYTHON} status --home $HOME_OF", 0, "read from the snapshot"),
        (f"TERM=nonsense LC_ALL=nowhere {PYTHON} status --home $HOME_OF", 0, "read from the snapshot"),
        (f"PYTHONIOENCODING=ascii {PYTHON} sql \"select 'Dončić' as name\" --home $HOME_OF", 0, ""),
        (f"PYTHONIOENCODING=ascii {PYTHON} show 'Dončić' {DAY} --home $HOME_OF", 2, "Nobody is called 'Don\\u010di\\u0107'"),
        (f"mkdir gone && cd gone && rmdir ../gone && env -u BACKCOURT_HOME {PYTHON} status", 2, "The current folder is gone"),
        (f"mkdir gone && cd gone && rmdir ../gone && {PYTHON} status --home x", 2, "The current folder is gone"),
        (f"mkdir gone && cd gone && rmdir ../gone && {PYTHON} calendar --home $HOME_OF", 0, ""),
        (f"BACKCOURT_NOW=soon {PYTHON} plan --home $HOME_OF", 2, "BACKCOURT_NOW='soon' is not an ISO date"),
        (f"BACKCOURT_NOW=0001-01-01 {PYTHON} plan --home $HOME_OF", 2, "outside of the dates that can be meant"),
        (f"BACKCOURT_WORKERS=many {PYTHON} plan --home $HOME_OF", 2, "BACKCOURT_WORKERS='many'"),
        (f"BACKCOURT_HOME=$HOME_OF/missing {PYTHON} plan", 2, "is no backcourt home"),
    ],
)  # fmt: skip
def test_surroundings_that_lack_something_are_survived(
    script: str, code: int, told: str, typed: Typed  # noqa: F811
) -> None:  # fmt: skip
    done = shell(script, typed.home, typed.folder, PYTHONPATH=os.pathsep.join(sys.path))
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, done.stderr
    assert told in done.stderr and (code == 0 or len(done.stderr.strip().splitlines()) <= 1)
    assert digests(typed.home) == typed.before


def test_a_closed_pipe_has_a_code_of_its_own(typed: Typed) -> None:  # noqa: F811
    with subprocess.Popen(
        [sys.executable, "-m", "backcourt", "sql", "from range(300000)", "--home", str(typed.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 141 and process.stderr.read() == ""


# ---- a home of which something is missing


def missing(file: Path) -> None:
    shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)


def empty(file: Path) -> None:
    missing(file)
    file.touch()


def cut(file: Path) -> None:
    body = file.read_bytes() if file.is_file() else b"{"
    missing(file)
    file.write_bytes(body[: len(body) // 2])


def noise(file: Path) -> None:
    missing(file)
    file.write_bytes(b"\xff\x00{[" * 5_000)


def a_folder(file: Path) -> None:
    missing(file)
    file.mkdir()
    (file / "something").touch()


def a_link_to_itself(file: Path) -> None:
    missing(file)
    file.symlink_to(file)


COMPLETE = {
    "features": ["--from", DAY, "--to", DAY, "--out", "{folder}/rows.parquet"], "predict": ["--date", DAY], "publish": ["--date", DAY],
    "promote": ["ridge", "--market", "points"], "waive": ["games", DAY, "--reason", "so", "--until", "2099-01-01"],
    "alias": ["Somebody Else", "9000001"], "map": ["e1", "0022100001"],
}  # fmt: skip
DAMAGES = (missing, empty, cut, noise, a_folder, a_link_to_itself)
FILES = (
    "backcourt.toml", "home.json", "decisions.jsonl", "warehouse.duckdb", "snapshot.duckdb", "snapshot.spare", "run.lock", "runs",
    "raw", "raw/loads.jsonl",
    ".cache", "pickles.jsonl", "models", "tables", "warehouse.duckdb.wal",
)  # fmt: skip
ASKED = (
    [], ["status"], ["status", "--check"], ["plan"], ["sql", "select count(*) from games"], ["verify"], ["run", "--dry-run"], ["doctor"],
    ["gaps"], ["handoff"], ["why", "games", "2021-10-20"], ["grade", "--date", "2021-10-20"], ["recompute", "--raw"],
)  # fmt: skip


def _damaged() -> Iterator[tuple[str, str, list[str]]]:
    turn = 0
    for file in FILES:
        for damage in DAMAGES:
            turn += 1
            yield file, damage.__name__, ASKED[turn % len(ASKED)]


def _slow_but_some() -> list[object]:
    cases = list(_damaged())
    return [
        pytest.param(*case, marks=[] if place % 6 == 3 else pytest.mark.slow, id=" ".join((case[0], case[1], *case[2])))
        for place, case in enumerate(cases)
    ]


@pytest.mark.parametrize(("file", "damage", "words"), _slow_but_some())
def test_a_home_that_lacks_a_file_is_told_in_a_sentence(
    file: str, damage: str, words: list[str], typed: Typed, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    home = tmp_path / "home"
    shutil.copytree(typed.home, home)
    next(one for one in DAMAGES if one.__name__ == damage)(home / file)
    code, out, told = typed("--home", str(home), *words)
    assert code in DOCUMENTED, (code, told)
    assert "Traceback" not in told + out and (code != 2 or words == ["doctor"] or len(told.strip().splitlines()) in (1, 2)), told


# ---- what holds for every verb


@pytest.mark.slow
@pytest.mark.parametrize("verb", WITH_JSON)
def test_a_verb_that_fails_answers_in_json_all_the_same(verb: str, typed: Typed) -> None:  # noqa: F811
    given = [*RIGHT.get(verb, []), "--json"]
    named = ["--home", str(typed.folder / "missing")] if verb in WITH_HOME else []
    for words in ([verb, *given, *named], [verb, *given, "--no-such-option"], [verb, *given, "--json="], [*named, verb, *given]):
        code, out, told = typed(*words)
        body = json.loads(out)
        assert code != 0 and body["schema_version"] == 1 and body["as_of"].endswith("Z"), words
        assert body.get("exit_code", code) == code
        assert (verb == "doctor" and not told) or body["error"] == told.strip()


@pytest.mark.parametrize("verb", WITH_HOME)
def test_a_home_may_stand_before_the_verb_or_after_it(verb: str, typed: Typed) -> None:  # noqa: F811
    given = COMPLETE.get(verb) or RIGHT.get(verb, [])
    named = ["--home", str(typed.folder / "missing" / "home")]
    found = [typed(verb, *given, *named), typed(*named, verb, *given), typed(*named, verb, *given, *named)]
    if verb == "init":
        # The first one makes it.
        assert [code for code, *_ in found] == [0, 0, 0]
        return
    assert found[0] == found[1] == found[2] and str(typed.folder / "missing") in "".join(found[0][1:])
    code, _, told = typed("--home", str(typed.folder), verb, *given, *named)
    assert code == 2 and "--home is given twice" in told


def test_not_a_number_is_null_and_no_column_is_lost(typed: Typed) -> None:  # noqa: F811
    query = (
        "select 'nan'::double as a, '-inf'::float as a, 1.5::decimal(3, 1) as a, '\\xAA'::blob as b, [1.5, 'inf'::double] as l, "
        "map {date '2022-01-01': 1} as m, {'n': 'nan'::double} as s, 'Dončić' as a_1"
    )
    code, out, _ = typed("sql", query, "--json")
    (row,) = json.loads(out, parse_constant=lambda word: pytest.fail(word))["rows"]
    assert code == 0
    assert row == {
        "a": None, "a_2": None, "a_3": "1.5", "b": "aa", "l": [1.5, None], "m": {"2022-01-01": 1}, "s": {"n": None}, "a_1": "Dončić",
    }  # fmt: skip


def test_calendar_says_why_in_json(typed: Typed) -> None:  # noqa: F811
    code, out, _ = typed("calendar", "--why", "2022-07-04", "--json")
    assert code == 0 and json.loads(out)["date"] == "2022-07-04" and "outside the loaded schedule" in json.loads(out)["why"]


def test_the_version_is_printed_whatever_follows(typed: Typed) -> None:  # noqa: F811
    import backcourt

    for words in (["--version"], ["--version", "status"], ["--home", "x", "--version"]):
        assert typed(*words) == (0, f"{backcourt.__version__}\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_says_what_a_verb_exits_with_where_it_is_more_than_0_and_2(verb: str, typed: Typed) -> None:  # noqa: F811
    code, out, told = typed(verb, "--help")
    said = " ".join(re.sub(r"[│╭╰─╮╯]", " ", out).split())
    assert (code, told) == (0, "") and "Usage" in said
    assert (re.search(r"[Ee]xits? (code )?(1|2|4|by)", said) is not None) == (verb in MAY_BE_UNMET), said
