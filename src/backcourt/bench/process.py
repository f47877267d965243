"""One verb as a whole process, timed with start-up, and its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from backcourt.engine.errors import BackcourtError


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds of a process, its peak resident memory in MB and its exit code."""

    seconds: float
    peak_mb: float
    exit_code: int


def time_verb(home: Path, *arguments: str, allowed: tuple[int, ...] = (0,)) -> Timing:
    """Run `backcourt ARGUMENTS` on a home in a process of its own. Raises BackcourtError when it exits otherwise than allowed."""
    command = [sys.executable, "-m", "backcourt", *arguments, "--home", str(home)]
    started = time.perf_counter()
    # wait4 gives this child's own peak; RUSAGE_CHILDREN would give the largest of all children so far.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode not in allowed:
        tail = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise BackcourtError(f"`backcourt {' '.join(arguments)}` ended with exit code {process.returncode}: {tail[0]}")
    return Timing(seconds, usage.ru_maxrss / 1024, process.returncode)
