"""Verbs that look at data: sql, show, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backcourt.cli.options import FormatOption, FromOption, HomeOption, JsonOption, SeasonOption, ToOption, home_at, out_file
from backcourt.cli.output import as_json, data, rows, say, unique


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (sql, show, export):
        app.command()(verb)


def sql(
    query: Annotated[str, typer.Argument(help="A query: SELECT, FROM, WITH, VALUES, SHOW, DESCRIBE or SUMMARIZE.")],
    as_json_: JsonOption = False,
    style: FormatOption = "table",
    home: HomeOption = None,
) -> None:
    """Answer one query from the tables of the read snapshot; it writes nothing and reads no file, whatever it says."""
    frame = home_at(home).sql(query)
    columns, found = frame.columns, frame.fetch()
    if as_json_:
        names = unique(columns)
        as_json({"rows": [dict(zip(names, row, strict=True)) for row in found]})
    else:
        rows(columns, found, style)


def show(
    name: Annotated[str, typer.Argument(help="A player or a team.")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="ISO date.")],
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """One player's or team's day across all tables."""
    found = home_at(home).show(name, on)
    if as_json_:
        as_json({"name": name, "date": on, "tables": found})
        return
    if not found:
        data(f"No table has a row of {name} on {on}.")
    for table, listed in found.items():
        data(f"{table} ({len(listed)} row{'s' if len(listed) > 1 else ''})")
        if len(listed) > 1:
            rows(list(listed[0]), [list(row.values()) for row in listed])
            continue
        for column, value in listed[0].items():
            if value is not None:
                data(f"  {column:<44} {value}")


def export(
    table: Annotated[str, typer.Argument(help="Table.")],
    out: Annotated[Path, typer.Option("--out", callback=out_file, help="File: .parquet, .csv or .arrow.")],
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    home: HomeOption = None,
) -> None:
    """Write a table to Parquet, CSV or Arrow from the read snapshot."""
    count = home_at(home).export(table, out, season=season, start=start, end=end)
    say(f"{count:,} rows written to {out}")
