"""Homes live long: bring one of an earlier format to today's, in one transaction, after a copy of the file.

Raw payloads and ledger rows keep their bytes. A step that a kill interrupts is done again by the next writer.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from backcourt.engine.files import whole, write_whole
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.home import identity, marks, processes
from backcourt.home.identity import Identity
from backcourt.home.jobs import EVENTS_FILE, JOB_FILE, Record
from backcourt.home.layout import Layout
from backcourt.sources.choice import choose
from backcourt.sources.payloads import log_of
from backcourt.sources.prop_quotes import QUOTED_TOGETHER
from backcourt.sources.raw_tables import create_ledgers
from backcourt.sources.versions import MULTISET

_FIRST_SIMULATED_PLAYER = 9_000_001
"""The numbers of the simulated league's players begin here, far above the league's own."""


_HOW: dict[str, tuple[str, int | None]] = {"ok": ("ok", 0), "failed": ("failed", 2)}


def format_of(warehouse: Warehouse) -> int:
    """The number of a warehouse's format."""
    found = identity.read(warehouse)
    return found.format if found else 0


def judged(warehouse: Warehouse) -> Identity:
    """What a home of format 0 is. It becomes real, unless its boxes are the simulated league's or it forecast before it had any data.

    Rows that are LIVE and older than the first load were written under a set clock.
    """
    return identity.new("simulated" if _is_made_up(warehouse) else "real", _first_moment(warehouse) or clock.now())


def back_up(layout: Layout, from_format: int) -> Path:
    """Copy the closed warehouse file to `backups`. Raises OSError."""
    layout.backups_folder.mkdir(exist_ok=True)
    copy = layout.backups_folder / f"warehouse.format{from_format}.duckdb"
    with whole(copy) as unfinished:
        shutil.copyfile(layout.warehouse_file, unfinished)
    return copy


def migrate(warehouse: Warehouse, layout: Layout) -> Identity:
    """Take every step from the warehouse's format to today's; the identity that it has then."""
    before = identity.read(warehouse)
    known = before or judged(warehouse)
    if before is None:
        _jobs_from_table(warehouse, layout)
        _log_of_loads(warehouse, layout)
    marks.create(warehouse)
    identity.create(warehouse)
    if warehouse.columns("raw_groups"):
        create_ledgers(warehouse)
    # Only an embedded warehouse has earlier formats: its file takes changes of tables in a transaction.
    with warehouse.transaction():
        if before is None:
            _to_format_1(warehouse)
        _to_format_2(warehouse)
        if known.format < 3 or before is None:
            _to_format_3(warehouse)
        known = Identity(known.home_id, known.kind, identity.FORMAT, known.created_at)
        identity.write(warehouse, known)
    if before is None:
        _remove_what_jobs_replace(layout)
    return known


def _to_format_1(warehouse: Warehouse) -> None:
    """Marks belong to jobs, and jobs are kept in `runs`."""
    if warehouse.columns("pending_intake"):
        for (job,) in warehouse.query("select run_id from pending_intake"):
            marks.make(warehouse, str(job), clock.now())
        warehouse.query("drop table pending_intake")
    if warehouse.columns("runs"):
        warehouse.query("drop table runs")


def _to_format_2(warehouse: Warehouse) -> None:
    """Receipts and failures are only added to: each gets the first number of its partition."""
    for kind in ("receipts", "failures"):
        if "seq" not in {name for name, _ in warehouse.columns(kind)}:
            warehouse.query(f"alter table {kind} add column seq bigint default 1")


def _to_format_3(warehouse: Warehouse) -> None:
    """Quotes of one capture are versioned by player: a file with one of them takes nobody else's away."""
    if not warehouse.columns("raw_prop_quotes"):
        return
    kept = [name for name, _ in warehouse.columns("raw_groups") if name not in ("group_key", "rows", "group_hash")]
    warehouse.query(_BY_CAPTURE)
    warehouse.query(_BY_PLAYER.format(kept=", ".join(f"any_value(g.{name}) as {name}" for name in kept)))
    warehouse.query(
        "delete from raw_groups where raw = 'raw_prop_quotes' and exists (select 1 from grouped_by_capture c "
        "where c.source = raw_groups.source and c.group_key = raw_groups.group_key and c.load_id = raw_groups.load_id)"
    )
    names = f"{', '.join(kept)}, group_key, rows, group_hash"
    warehouse.query(f"insert into raw_groups ({names}) select {names} from grouped_by_player")
    warehouse.query(
        f"update raw_prop_quotes set group_key = {QUOTED_TOGETHER} "
        "where captured_at is not null and group_key in (select group_key from grouped_by_capture)"
    )
    warehouse.query("delete from raw_superseded where raw = 'raw_prop_quotes'")
    choose(warehouse, "raw_prop_quotes", "select group_key from raw_groups where raw = 'raw_prop_quotes'")


_BY_CAPTURE = """
create or replace temp table grouped_by_capture as
select distinct source, group_key, load_id from raw_prop_quotes
where captured_at is not null and group_key = concat_ws('|', source_event_id, book, market, captured_at)
"""

_BY_PLAYER = f"""
create or replace temp table grouped_by_player as
with quotes as (
    select r.source, r.group_key as of_capture, r.load_id, r.payload_hash, {QUOTED_TOGETHER} as of_player
    from raw_prop_quotes r
    join grouped_by_capture c on c.source = r.source and c.group_key = r.group_key and c.load_id = r.load_id
)
select {{kept}}, q.of_player as group_key, count(*) as rows, {MULTISET} as group_hash
from quotes q
join raw_groups g on g.raw = 'raw_prop_quotes' and g.source = q.source and g.group_key = q.of_capture and g.load_id = q.load_id
group by q.of_player, q.source, q.load_id
"""


def _jobs_from_table(warehouse: Warehouse, layout: Layout) -> None:
    """Give every run of the table `runs`, and the last word of every other job, a record. To do it twice changes nothing."""
    if warehouse.columns("runs"):
        for run_id, started, ended, outcome, summary in warehouse.query("select * from runs order by started_at"):
            told: dict[str, Any] = json.loads(summary)
            message = f"built {told.get('built', 0):,}, failed {told.get('failed', 0):,}"
            named = {"done": ("ok", 0), "out_of_time": ("out_of_time", 124)}.get(str(outcome), ("unmet", 1))
            _keep(layout, _record(str(run_id), "run", *named, started, ended, message, told))
    for file in sorted((layout.path / "heartbeats").glob("*.json")):
        try:
            word = json.loads(file.read_text())
            started = datetime.fromisoformat(word["started_at"])
            ended = datetime.fromisoformat(word["ended_at"]) if word["ended_at"] else None
            how, code = _HOW.get(word["outcome"], ("died", None))
            job = f"{file.stem}-{started:%Y%m%dT%H%M%S}-{int(word['pid'])}"
            _keep(layout, _record(job, file.stem, how, code, started, ended, str(word["message"]), {}, word["last_ok"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _record(
    job: str, verb: str, outcome: str, exit_code: int | None, started: datetime, ended: datetime | None, message: str,
    summary: dict[str, Any], last_ok: str | None = None,
) -> Record:  # fmt: skip
    pid = int(job.rpartition("-")[2]) if job.rpartition("-")[2].isdigit() else 0
    end = ended.isoformat() if ended else None
    last_ok = last_ok or (end if outcome == "ok" else None)
    return Record(
        job,
        verb,
        outcome,
        processes.host(),
        pid,
        None,
        "",
        [],
        "0",
        None,
        started.isoformat(),
        end,
        exit_code,
        message,
        last_ok,
        summary,
    )


def _keep(layout: Layout, record: Record) -> None:
    folder = layout.runs_folder / record.job
    if (folder / JOB_FILE).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / JOB_FILE, json.dumps(asdict(record), indent=1) + "\n")
    events = layout.runs_folder / f"{record.job}.jsonl"
    if events.exists():
        events.replace(folder / EVENTS_FILE)


def _log_of_loads(warehouse: Warehouse, layout: Layout) -> None:
    """Write down beside the payloads what the warehouse knows of them."""
    if warehouse.columns("raw_loads") and not layout.loads_file.exists() and layout.raw_folder.is_dir():
        write_whole(layout.loads_file, log_of(warehouse))


def _remove_what_jobs_replace(layout: Layout) -> None:
    with suppress(OSError):
        shutil.rmtree(layout.path / "heartbeats", ignore_errors=True)
        (layout.cache_folder / "settings.json").unlink(missing_ok=True)


def _is_made_up(warehouse: Warehouse) -> bool:
    if warehouse.columns("raw_player_box"):
        ((lowest,),) = warehouse.query("select min(player_id) from raw_player_box")
        if lowest is not None and lowest >= _FIRST_SIMULATED_PLAYER:
            return True
    if not warehouse.columns("forecasts"):
        return False
    first = _first_moment(warehouse)
    ((said,),) = warehouse.query("select min(created_at) from forecasts where kind = 'LIVE'")
    return said is not None and first is not None and said < first


def _first_moment(warehouse: Warehouse) -> datetime | None:
    if not warehouse.columns("raw_loads"):
        return None
    ((first,),) = warehouse.query("select min(loaded_at) from raw_loads")
    return first  # type: ignore[no-any-return]
