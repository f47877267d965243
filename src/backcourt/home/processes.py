"""Which process is it? A number alone is soon somebody else's."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def started(pid: int) -> str | None:
    """When a process of this machine began, as text that no later process of the same number has; None when there is none now.

    Linux counts ticks since its start, which a set clock doesn't change; elsewhere `ps` is asked.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The name in parentheses may hold anything; state is the first field after it, the start the twentieth.
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else f"{boot[:8]}-{fields[19]}"
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _asked(pid)
    except (OSError, IndexError):
        return None


def is_alive(pid: int, start: str | None, where: str) -> bool | None:
    """Does the process that began at `start` still run? None when it is another machine's and can't be seen from here."""
    if where != host():
        return None
    now = started(pid)
    return now is not None and now == start


def own_start() -> str | None:
    """When this process began."""
    return started(os.getpid())


def _asked(pid: int) -> str | None:
    try:
        found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return None
    return found or None
