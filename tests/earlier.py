"""The code of an earlier commit, unpacked beside this one, and what it makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

FIRST = "ef61360"
"""The last commit whose homes carry no format number."""


def archive_of(commit: str) -> bytes | None:
    """The commit's sources and tests as a tar file; None where the repository's history isn't there."""
    found = subprocess.run(["git", "archive", commit, "src", "tests"], capture_output=True, cwd=ROOT, check=False)
    return None if found.returncode else found.stdout


def unpack(archive: bytes, folder: Path) -> None:
    """Its files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def python(code: Path, folder: Path, *arguments: str, now: str | None = None) -> str:
    """What the interpreter prints for these arguments with that code instead of ours, standing in `folder`."""
    environment = {**os.environ, "PYTHONPATH": f"{code / 'src'}:{code}", "PYTHONWARNINGS": "ignore::RuntimeWarning"}
    environment.pop("BACKCOURT_NOW", None)
    if now:
        environment["BACKCOURT_NOW"] = now
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
