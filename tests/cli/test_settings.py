"""Settings come from the cache only while everything that they are made of is the same."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from backcourt import settings
from backcourt.engine.errors import BackcourtError
from backcourt.settings.parse import parse

CONFIGURATION = """
threads = 2

[policy]
attempts = 5

[[unavailable]]
source = "shots"
season_types = ["play_in"]
from = "2021-10-19"
reason = "not in the archive"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / settings.FILE_NAME).write_text(CONFIGURATION)
    return tmp_path


def test_the_cache_gives_what_validation_gives(home: Path) -> None:
    first, second = settings.read(home), settings.read(home)
    assert first == second == parse(home / settings.FILE_NAME)
    assert first.policy.hash == second.policy.hash
    assert second.policy.unavailable[0].from_date == date(2021, 10, 19)


def test_a_known_configuration_needs_no_validating_library(home: Path) -> None:
    settings.read(home)
    code = f"import sys, pathlib, backcourt.settings as s; s.read(pathlib.Path({str(home)!r})); sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_file_or_environment_is_read_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.read(home).threads == 2
    monkeypatch.setenv("BACKCOURT_THREADS", "3")
    assert settings.read(home).threads == 3
    monkeypatch.delenv("BACKCOURT_THREADS")
    (home / settings.FILE_NAME).write_text("workers = 3")
    assert (settings.read(home).threads, settings.read(home).workers) == (None, 3)
    (home / settings.FILE_NAME).write_text("worker = 2")
    for _ in range(2):
        with pytest.raises(BackcourtError, match="worker"):
            settings.read(home)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"origin": 1}'])
def test_a_broken_cache_is_ignored(home: Path, text: str) -> None:
    expected = settings.read(home)
    (home / ".cache" / "settings.json").write_text(text)
    assert settings.read(home) == expected


def test_a_folder_that_is_no_home_stays_empty(tmp_path: Path) -> None:
    assert settings.read(tmp_path).workers == 2
    assert not list(tmp_path.iterdir())
