"""Verbs that prove: leaktest, recompute, replay."""

from __future__ import annotations

from typing import Annotated

import typer

from backcourt.cli.options import (
    DateOption,
    FromOption,
    HomeOption,
    JsonOption,
    SeasonOption,
    TableOption,
    ToOption,
    WorkersOption,
    home_at,
    selection,
)
from backcourt.cli.output import as_json, data, rows, say
from backcourt.field.clock import day


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(leaktest)
    app.command()(recompute)
    app.command()(replay)


def leaktest(
    slates: Annotated[int, typer.Option(min=1, max=1000, help="How many slates are sampled.")] = 12,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 1,
    dates: DateOption = None,
    table: TableOption = None,
    workers: WorkersOption = 2,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The as-of proof: remove what was not known at each game's lock, rebuild, compare. Exit 1 on a leak."""
    from backcourt.work.proof import leaktest as prove_slates

    place = home_at(home)
    chosen = selection(place, dates=dates, tables=table)
    proof = prove_slates(
        place,
        slates=slates,
        seed=seed,
        days=chosen.dates,
        tables=chosen.tables,
        workers=workers,
        on_slate=lambda day: say(f"proven: {day}"),
    )
    if as_json_:
        as_json(
            {
                "slates": proof.slates,
                "locks": proof.locks,
                "compared": proof.compared,
                "rows": proof.rows,
                "leaks": [str(leak) for leak in proof.leaks],
            }
        )
        raise typer.Exit(1 if proof.leaks else 0)
    rows(("table", "locks compared", "rows"), [(name, proof.compared[name], f"{proof.rows[name]:,}") for name in proof.compared])
    for leak in proof.leaks[:20]:
        data(f"LEAK: {leak}")
    if len(proof.leaks) > 20:
        data(f"and {len(proof.leaks) - 20} more")
    data(f"{proof.slates} slates, {proof.locks} locks: {'no leak' if not proof.leaks else f'{len(proof.leaks)} leaks'}")
    raise typer.Exit(1 if proof.leaks else 0)


def recompute(
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    table: TableOption = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only this many dates, evenly spaced.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Check the raw data against what ingest recorded instead.")] = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Compute stored partitions again and compare, or check the raw data. Exit 1 on a difference; writes nothing."""
    from backcourt.work.proof import recompute as compute_again
    from backcourt.work.proof import recompute_raw

    place = home_at(home)
    chosen = selection(place, season, start, end, dates, tables=table)
    compared, differences = recompute_raw(place) if raw else compute_again(place, chosen, sample)
    if as_json_:
        as_json({"compared": compared, "differences": differences})
        raise typer.Exit(1 if differences else 0)
    for sentence in differences[:50]:
        data(sentence)
    what = "partitions and raw files" if raw else "partitions"
    data(f"{compared:,} {what} compared, {len(differences):,} differences")
    raise typer.Exit(1 if differences else 0)


def replay(
    on: Annotated[str, typer.Argument(metavar="DATE", help="ISO date of a past evening.")],
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Build a past evening from the raw versions captured by then, and compare it with what is stored. Exit 1 on what nothing explains."""
    from backcourt.work.replay import replay as replay_evening

    found = replay_evening(home_at(home), day(on))
    if as_json_:
        as_json(
            {
                "date": found.game_date,
                "captured_before": found.moment,
                "rows": found.rows,
                "differences": {name: [str(difference) for difference in listed] for name, listed in found.differences.items()},
                "later": [{"relation": name, "date": date} for name, date in found.later],
            }
        )
        raise typer.Exit(0 if found.is_explained else 1)
    rows(("table", "rows", "differences"), [(name, count, len(found.differences[name])) for name, count in found.rows.items()])
    for name, listed in found.differences.items():
        for difference in listed[:5]:
            data(f"{name}: {difference}")
    for relation, date in found.later[:20]:
        data(f"corrected or arrived later: {relation}" + (f" of {date}" if date else ": a name that no source had yet"))
    if len(found.later) > 20:
        data(f"and {len(found.later) - 20} more facts that came later")
    verdict = (
        "equal to what is stored"
        if found.is_equal
        else "differs, and later facts explain it"
        if found.later
        else "differs, and nothing explains it"
    )
    data(f"{found.game_date} as captured before {found.moment:%Y-%m-%d %H:%M} UTC: {verdict}")
    raise typer.Exit(0 if found.is_explained else 1)
