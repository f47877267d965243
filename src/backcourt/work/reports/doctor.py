"""Is this machine and home fit to work?"""

from __future__ import annotations

import platform
import shutil
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from backcourt.engine.errors import BackcourtError
from backcourt.field import clock
from backcourt.home import Home

Finding = tuple[str, bool, str]
_ROOM_GB = 2


def examine(home: Home) -> list[Finding]:
    """(check, ok, finding) for Python, disk, clock, time zones, configuration, warehouse and sources."""
    return [_python(), _disk(home), _clock(), _zones(), _configuration(home), *_warehouse(home)]


def _python() -> Finding:
    return "python", sys.version_info >= (3, 11), f"{platform.python_version()} (3.11 or newer)"


def _disk(home: Home) -> Finding:
    folder = home.path if home.path.exists() else home.path.parent
    free = shutil.disk_usage(folder).free / 1e9
    return "disk", free > _ROOM_GB, f"{free:.1f} GB free at {folder} (at least {_ROOM_GB})"


def _clock() -> Finding:
    now = clock.now()
    return "clock", now.year >= 2024, f"{now:%Y-%m-%d %H:%M:%S} UTC, slate date {clock.today()}"


def _zones() -> Finding:
    # The morning after the clocks went back in 2023: a wrong or missing database gives another date.
    moment = datetime(2023, 11, 6, 4, 30, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
    return (
        "time zones",
        str(moment.date()) == "2023-11-05",
        f"2023-11-06 04:30 UTC is {moment:%Y-%m-%d %H:%M} in New York",
    )


def _configuration(home: Home) -> Finding:
    try:
        found = home.settings
    except BackcourtError as error:
        return "configuration", False, str(error)
    return "configuration", True, f"policy {found.policy.hash}, {len(found.policy.unavailable)} declared hole(s)"


def _warehouse(home: Home) -> list[Finding]:
    try:
        home.layout.require()
        with home.reading() as warehouse:
            version = warehouse.query("select version()")[0][0]
            loads = (
                warehouse.query("select source, count(*) from raw_loads group by 1 order by 1") if warehouse.columns("raw_loads") else []
            )
    except BackcourtError as error:
        return [("warehouse", False, str(error))]
    told = ", ".join(f"{source} ({count})" for source, count in loads)
    return [
        ("warehouse", True, f"DuckDB {version}, {home.warehouse_file.stat().st_size / 1e6:.0f} MB"),
        ("sources", bool(loads), told or "nothing is loaded; run `backcourt ingest PATH`"),
    ]
