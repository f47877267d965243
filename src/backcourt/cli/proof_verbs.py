"""Verbs that prove: leaktest, recompute."""

from __future__ import annotations

from typing import Annotated

import typer

from backcourt.cli.options import DateOption, FromOption, HomeOption, JsonOption, SeasonOption, TableOption, ToOption, home_at, selection
from backcourt.cli.output import as_json, data, rows, say


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(leaktest)
    app.command()(recompute)


def leaktest(
    slates: Annotated[int, typer.Option(help="How many slates are sampled.")] = 12,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 1,
    dates: DateOption = None,
    table: TableOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Slates proven at a time.")] = 2,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The as-of proof: remove what was not known at each game's lock, rebuild, compare. Exit 1 on a leak."""
    from backcourt.proof import leaktest as prove_slates

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
    sample: Annotated[int | None, typer.Option(help="Only this many dates, evenly spaced.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Check the raw data against what ingest recorded instead.")] = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Compute stored partitions again and compare, or check the raw data. Exit 1 on a difference; writes nothing."""
    from backcourt.proof import recompute as compute_again
    from backcourt.proof import recompute_raw

    place = home_at(home)
    chosen = selection(place, season, start, end, dates, tables=table)
    compared, differences = recompute_raw(place) if raw else compute_again(place, chosen, sample)
    if as_json_:
        as_json({"compared": compared, "differences": differences})
        raise typer.Exit(1 if differences else 0)
    for sentence in differences[:50]:
        data(sentence)
    data(f"{compared:,} partitions compared, {len(differences):,} differences")
    raise typer.Exit(1 if differences else 0)
