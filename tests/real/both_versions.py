"""Build the real seasons and an evening with the first version's code and with today's, and compare all rows.

    python -m tests.real.both_versions FOLDER

A column that both have must hold the same rows, as multisets with all other such columns of its table. Of the evening, every number of
every forecast, pick and grade must be the same to the last bit; ids, hashes, names of runs and moments of writing may differ.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from tests.conftest import DATA, ROOT, UNAVAILABLE
from tests.earlier import FIRST, archive_of, python, unpack

SEASONS, EVENING, NOW = "2022-23..2023-24", "2024-04-05", "2024-04-05T21:00:00"
REMOVED: dict[str, str] = {}
"""`table.column` -> why it went."""
LEDGER = ("forecasts", "picks", "outcomes", "grades")
_MAY_DIFFER = {
    "forecast_id", "pick_id", "grade_id", "subject_id", "row_hash", "run_id", "model_hash", "snapshot_id", "manifest_hash", "pmf_file",
    "pmf_sha256", "created_at", "published_at", "known_at", "graded_at",
    # Within the result's step of the distribution it is drawn by the row's hash; `crps` and `logs` hold the distribution itself.
    "pit",
}  # fmt: skip


def build(code: Path, home: Path, *, evening: bool) -> None:
    """A home of all real data; with its evening: forecast before it was played, then graded."""
    home.mkdir(parents=True)
    shutil.copyfile(UNAVAILABLE, home / "backcourt.toml")
    verbs: list[tuple[str, ...]] = [("init",), ("ingest", str(DATA / "nba"), str(DATA / "odds")), ("run",)]
    if evening:
        verbs.append(("backtest", "--market", "points", "--seasons", SEASONS))
        verbs += [("predict", "--date", EVENING, "--market", "points"), ("grade", "--date", EVENING)]
    for words in verbs:
        python(code, home.parent, "-m", "backcourt", words[0], "--home", str(home), *words[1:])


def compared(before: Path, now: Path) -> list[tuple[str, int, int, int, list[str]]]:
    """(table, rows before, rows now, rows that one side has and the other lacks, columns that only the first has) of every table."""
    connection = duckdb.connect()
    for name, home in (("before", before), ("now", now)):
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as {name} (read_only)")
    columns: dict[str, dict[str, list[str]]] = {"before": {}, "now": {}}
    for side, table, column in connection.execute(
        "select database_name, table_name, column_name from duckdb_columns() where not internal and not starts_with(table_name, 'raw_') "
        "order by column_index"
    ).fetchall():
        columns[side].setdefault(table, []).append(column)
    built = {row[0] for row in connection.execute("select distinct table_name from before.receipts where fingerprint <> ''").fetchall()}
    found = []
    for table in sorted((built - {"batches"}) | set(LEDGER)):
        if table not in columns["before"]:
            continue
        both = [name for name in columns["before"][table] if name in columns["now"].get(table, ())]
        both = [name for name in both if table not in LEDGER or name not in _MAY_DIFFER]
        listed = ", ".join(f'"{name}"' for name in both)
        sides = [f"select {listed} from {side}.main.{table}" for side in ("before", "now")]
        counts = [connection.execute(f"select count(*) from ({side})").fetchall()[0][0] for side in sides]
        ((differing,),) = connection.execute(
            f"select count(*) from (({sides[0]} except all {sides[1]}) union all ({sides[1]} except all {sides[0]}))"
        ).fetchall()
        found.append(
            (table, counts[0], counts[1], differing, [c for c in columns["before"][table] if c not in columns["now"].get(table, ())])
        )
    return found


def main(folder: Path, *, evening: bool = True) -> list[str]:
    """Build both, print what was compared, and give a sentence for each difference that nothing explains."""
    archive = archive_of(FIRST)
    assert archive is not None, f"the repository holds no commit {FIRST}"
    unpack(archive, folder / "code")
    build(folder / "code", folder / "before", evening=evening)
    build(ROOT, folder / "now", evening=evening)
    problems = []
    for table, before, now, differing, gone in compared(folder / "before", folder / "now"):
        lost = f", gone: {', '.join(gone)}" if gone else ""
        sys.stdout.write(f"{table:40} {before:>9,} rows before, {now:>9,} now, {differing:,} differ{lost}\n")
        unexplained = [name for name in gone if f"{table}.{name}" not in REMOVED]
        if differing or before != now or not before or unexplained:
            problems.append(f"{table}: {differing} of {before} rows differ; columns gone without a reason: {unexplained}")
    return problems


if __name__ == "__main__":
    told = main(Path(sys.argv[1]))
    sys.stdout.write(f"{chr(10).join(told) or 'all equal'}\n")
    sys.exit(1 if told else 0)
