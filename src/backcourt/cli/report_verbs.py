"""Verbs that judge: reportcard."""

from __future__ import annotations

from typing import Annotated

import typer

from backcourt.cli.options import HomeOption, JsonOption, home_at
from backcourt.cli.output import as_json, data, say


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (reportcard,):
        app.command()(verb)


def reportcard(
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", help="Only backtests of this snapshot; needed where markets stand on different ones.")
    ] = None,
    skip_store: Annotated[bool, typer.Option("--skip-store", help="Don't try the leak suite on the feature store.")] = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Judge the finished backtests: tables with intervals, targets, verdicts, leak suite. Writes Markdown, JSON and HTML."""
    from backcourt.jobs.reportcard import reportcard as write_reportcard

    found = write_reportcard(home_at(home), snapshot, on_store=not skip_store)
    card = found.card
    if as_json_:
        as_json({"files": [str(file) for file in found.files], "card": card})
        return
    for verdict in card["verdicts"]:
        needed = f", {verdict['rows_needed']:,} more rows needed" if verdict["rows_needed"] else ""
        data(f"{verdict['market']} {verdict['lead_bucket']}: {verdict['verdict']} on {verdict['rows']:,} rows{needed}")
    status = [target["status"] for target in card["targets"]]
    met = sum(one in ("met", "stretch met") for one in status)
    data(f"targets: {met} met, {status.count('missed')} missed, {status.count('not measured')} not measured")
    leaks = card["leaks"]
    data(f"leak suite: {'green' if leaks['is_green'] else 'NOT GREEN'}, {len(leaks['planted'])} leaks planted")
    for file in found.files:
        say(f"written: {file}")
