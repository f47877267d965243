"""Which home a command is about, and whether one that nobody named may be trusted."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.home.layout import Layout
from backcourt.home.settings import FILE_NAME

CODE = ("tables", "systems", "feeds", "relations", "endpoints")
"""The folders of a home whose Python files are run."""


def find_home(given: Path | None = None) -> Path:
    """--home > BACKCOURT_HOME > the nearest backcourt.toml upwards > the current folder.

    Raises BackcourtError for a home that is only found, not named, and that isn't the user's alone.
    """
    named = given if given is not None else os.environ.get("BACKCOURT_HOME")
    if named:
        return _absolute(Path(named))
    here = _absolute(Path())
    found = next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), here)
    if Layout(found).place() != "nothing":
        _require_own(found)
    return found


def _absolute(path: Path) -> Path:
    try:
        return path.resolve()
    except FileNotFoundError as error:
        raise BackcourtError("The current folder is gone; change to another, or name a home by its whole path.") from error
    except (OSError, RuntimeError) as error:
        raise BackcourtError(f"{path} leads nowhere ({error}); correct the path.") from error


def _require_own(home: Path) -> None:
    """Code in a home runs with the user's rights, so whoever may write there may do whatever the user may."""
    for folder in (home, *(home / name for name in CODE)):
        state = folder.stat() if folder.is_dir() else None
        if state is None:
            continue
        why = ""
        if state.st_uid != os.geteuid():
            why = f"{folder} is {_name(state.st_uid)}'s"
        elif _may_be_written_by_others(state):
            why = f"others may write to {folder}"
        if why:
            raise BackcourtError(
                f"{home} was found and not named, {why}, and code in a home runs with your rights; if you trust it, "
                f"name it: --home {home}, or BACKCOURT_HOME."
            )


def _may_be_written_by_others(state: os.stat_result) -> bool:
    return bool(state.st_mode & stat.S_IWOTH) or (bool(state.st_mode & stat.S_IWGRP) and not _is_private(state.st_gid))


def _is_private(group: int) -> bool:
    """Is it the user's own group, which many systems make for each user, with nobody else in it?"""
    try:
        found, user = grp.getgrgid(group), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return found.gr_name == user.pw_name and set(found.gr_mem) <= {user.pw_name}


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
