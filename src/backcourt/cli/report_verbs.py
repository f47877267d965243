"""Verbs that judge: reportcard, promote."""

from __future__ import annotations

from typing import Annotated

import typer

from backcourt.cli.options import HomeOption, JsonOption, home_at
from backcourt.cli.output import as_json, data, say


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (reportcard, promote):
        app.command()(verb)


def reportcard(
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", help="Only backtests of this snapshot; needed where markets stand on different ones.")
    ] = None,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Judge the finished backtests: tables with intervals, targets, verdicts, leak suite. Writes Markdown, JSON and HTML."""
    place = home_at(home)
    with place.working("reportcard"):
        from backcourt.work.reportcard import reportcard as write_reportcard

        found = write_reportcard(place, snapshot)
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


def promote(
    system: Annotated[str, typer.Argument(help="A system of the market's backtest.")],
    market: Annotated[str, typer.Option("--market", help="points, rebounds, assists, threes or pra.")],
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Hold a system to the gates; it becomes the market's champion when all pass. Exit 1 with the failed gates when one doesn't."""
    from backcourt.work.promote import promote as run_promotion

    found = run_promotion(home_at(home), system, market)
    failed = [gate for gate in found.gates if not gate.passed]
    if as_json_:
        as_json({"system": system, "market": market, "state": found.state, "before": found.before, "gates": [vars(g) for g in found.gates]})
        raise typer.Exit(1 if failed else 0)
    for gate in found.gates:
        say(f"{'passed' if gate.passed else 'FAILED'}: {gate.name}: {gate.sentence}")
    for gate in failed:
        data(f"{gate.name}: {gate.sentence}")
    if failed:
        data(f"{system} stays a candidate for {market}: {len(failed)} of {len(found.gates)} gates failed")
        raise typer.Exit(1)
    data(f"{system} is the champion of {market}" + (f"; {found.before} is retired" if found.before else ""))
