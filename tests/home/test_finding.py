"""Which home a command is about: the named one, else one that is found and that nobody but the user may write to."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.home import finding, settings
from backcourt.home.finding import CODE, find_home
from backcourt.home.layout import Layout

PLANTED = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, in which code of somebody's lies, and the user in a folder below it."""
    home = tmp_path / "home"
    (home / "a" / "b").mkdir(parents=True)
    (home / settings.FILE_NAME).touch()
    for name in CODE:
        (home / name).mkdir()
        (home / name / "planted.py").write_text(PLANTED)
    home.chmod(0o755)
    monkeypatch.delenv("BACKCOURT_HOME", raising=False)
    monkeypatch.chdir(home / "a" / "b")
    return home


def refusal(home: Path) -> str:
    """The sentence that refuses a home which was found."""
    with pytest.raises(BackcourtError) as refused:
        find_home()
    said = str(refused.value)
    assert said.startswith(f"{home} was found and not named, ") and f"--home {home}, or BACKCOURT_HOME" in said and "\n" not in said
    return said


def ran(home: Path) -> list[Path]:
    return [home / name / "ran" for name in CODE if (home / name / "ran").exists()]


def test_the_home_is_the_given_one_else_the_environments_else_the_nearest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_home(None) == home
    monkeypatch.setenv("BACKCOURT_HOME", str(home / "other"))
    assert find_home(None) == home / "other"
    assert find_home(Path("given")) == home / "a" / "b" / "given"


def test_without_a_home_above_it_is_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKCOURT_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o777)
    assert find_home() == tmp_path and Layout(tmp_path).place() == "nothing", "there is nothing in it to be run"


@pytest.mark.parametrize("where", [".", *CODE])
@pytest.mark.parametrize("mode", [0o757, 0o777, 0o1777])
def test_a_home_that_all_may_write_to_is_not_found(mode: int, where: str, home: Path) -> None:
    (home / where).chmod(mode)
    assert f"others may write to {(home / where)}" in refusal(home)


def test_a_home_that_a_group_may_write_to_is_not_found_unless_it_is_the_users_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.chmod(0o775)
    user, group = pwd.getpwuid(os.geteuid()), home.stat().st_gid
    own = grp.struct_group((user.pw_name, "x", group, [user.pw_name]))
    for found, is_own in (
        (own, True),
        (grp.struct_group((user.pw_name, "x", group, [])), True),
        (grp.struct_group((user.pw_name, "x", group, ["another"])), False),
        (grp.struct_group(("staff", "x", group, [])), False),
    ):
        monkeypatch.setattr(finding.grp, "getgrgid", lambda number, found=found: found)
        if is_own:
            assert find_home() == home
        else:
            assert "others may write to" in refusal(home)


@pytest.mark.parametrize("where", [".", "tables"])
def test_a_home_of_somebody_else_is_not_found(where: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(home / where, 65_534, -1)
    else:
        monkeypatch.setattr(finding.os, "geteuid", lambda: home.stat().st_uid + 1)
    assert f"{home / where} is " in refusal(home) if os.geteuid() == 0 else refusal(home)


def test_one_that_is_named_is_used_whoevers_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.chmod(0o777)
    assert find_home(Path("../..")) == home
    monkeypatch.setenv("BACKCOURT_HOME", str(home))
    assert find_home() == home


def test_a_command_below_a_home_that_others_may_write_to_runs_nothing_of_it(home: Path) -> None:
    for arguments in (["plan"], ["doctor"], ["status"], ["init"], []):
        home.chmod(0o777)
        done = subprocess.run([sys.executable, "-m", "backcourt", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "code in a home runs with your rights" in done.stderr, (arguments, done)
        assert len(done.stderr.splitlines()) == 1 and ran(home) == []
    subprocess.run([sys.executable, "-m", "backcourt", "doctor", "--home", str(home)], capture_output=True, check=False)
    assert len(ran(home)) == len(CODE), "what is named is trusted"


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.delenv("BACKCOURT_HOME", raising=False)
    monkeypatch.chdir(here)
    shutil.rmtree(here)
    for named in (None, Path("home")):
        with pytest.raises(BackcourtError, match="The current folder is gone; change to another"):
            find_home(named)
    assert find_home(tmp_path / "home") == tmp_path / "home"


def test_a_link_to_itself_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    try:
        found = find_home(tmp_path / "round")
    except BackcourtError as error:
        assert "leads nowhere" in str(error)
    else:
        assert Layout(found).place() == "nothing"
