"""Any file of a home may be gone, cut, noise, or a folder: no verb of the day answers with a traceback, and each failure is a sentence."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from backcourt.cli.main import exit_code
from tests.faults.conftest import SLATE, STEPS
from tests.faults.trials import NOW, Stage, copy_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

VERBS: tuple[tuple[str, ...], ...] = (
    ("status",), ("plan",), ("gaps",), ("handoff",), (),
    STEPS["predict"].arguments, STEPS["grade"].arguments, STEPS["publish"].arguments, ("publish", "--check"), ("reportcard",),
    STEPS["backtest"].arguments, ("run",), ("verify", "--for", "ledger"),
)  # fmt: skip
CODES = {0, 1, 2, 3, 4, 5}


def noise(file: Path) -> None:
    file.write_bytes(random.Random(1).randbytes(max(file.stat().st_size, 16)))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def other(file: Path) -> None:
    """Sound JSON of another shape."""
    file.write_text("[1]\n")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def gone(file: Path) -> None:
    file.unlink()


DAMAGES = (noise, emptied, cut, other, a_folder, gone)


def kind_of(file: Path) -> str:
    """Files of one kind lie in folders of the same names, but for dates, numbers and hashes."""
    named = ["*" if any(sign.isdigit() for sign in part) else part for part in file.parent.parts]
    stem = "*" if any(sign.isdigit() for sign in file.stem) else file.stem
    return "/".join([*named, stem + file.suffix])


def one_of_each_kind(home: Path) -> list[Path]:
    """The last file of each kind, relative to the home; records of all jobs are one kind."""
    found = {kind_of(file.relative_to(home)): file.relative_to(home) for file in sorted(home.rglob("*")) if file.is_file()}
    return [file for name, file in sorted(found.items()) if not name.startswith("backups")]


class Verbs:
    """Verbs in this process, as the command runs them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def problems(self, home: Path, words: tuple[str, ...]) -> list[str]:
        """What is wrong with how a verb ends."""
        self._monkeypatch.setattr("sys.argv", ["backcourt", "--home", str(home), *words])
        self._monkeypatch.setenv("BACKCOURT_NOW", {step.arguments: step.now for step in STEPS.values()}.get(words, NOW))
        try:
            code = exit_code()
        except Exception as error:  # noqa: BLE001 - whatever comes out is what the test is after
            return [f"{' '.join(words)}: {type(error).__name__}: {error}"]
        said = self._capsys.readouterr().err.strip()
        if code not in CODES:
            return [f"{' '.join(words)}: exit code {code}"]
        return [f"{' '.join(words)}: exit code 2 without a sentence: {said!r}"] if code == 2 and not said.endswith(".") else []


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verbs:
    return Verbs(monkeypatch, capsys)


def tried(after: Path, damaged: list[tuple[Path, Callable[[Path], None]]], folder: Path, verbs: Verbs) -> list[str]:
    """The problems of all verbs on homes of each of which one file is damaged."""
    problems = []
    for file, damage in damaged:
        home = copy_of(after, folder / "home").path
        damage(home / file)
        problems += [f"{file} {damage.__name__}: {found}" for words in VERBS for found in verbs.problems(home, words)]
        shutil.rmtree(home)
    return problems


@pytest.mark.parametrize("turn", range(len(DAMAGES) // 2))
def test_no_verb_answers_any_damage_with_a_traceback(turn: int, stages: dict[str, Stage], tmp_path: Path, verbs: Verbs) -> None:
    """Every kind of file meets two of the damages, each damage a third of the kinds, in turns."""
    after = stages["run"].after
    files = one_of_each_kind(after)
    assert len(files) > 30 and any(str(file).startswith(f"ledger/{SLATE}") for file in files)
    chosen = [(file, DAMAGES[(2 * place + at) % len(DAMAGES)]) for place, file in enumerate(files) for at in range(2)]
    assert tried(after, chosen[turn :: len(DAMAGES) // 2], tmp_path, verbs) == []
