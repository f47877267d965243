"""Verbs about features: features, describe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.options import FormatOption, FromOption, HomeOption, JsonOption, SeasonOption, ToOption, home_at, out_file, selection
from backcourt.cli.output import as_json, rows, say
from backcourt.engine.errors import BackcourtError
from backcourt.field import clock

if TYPE_CHECKING:
    from backcourt.engine.build.selection import Selection
    from backcourt.home import Home


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (features, describe):
        app.command()(verb)


def features(
    out: Annotated[
        Path, typer.Option("--out", callback=out_file, help="Parquet file; the manifest is written beside it (.manifest.json).")
    ],
    start: FromOption = None,
    end: ToOption = None,
    tonight: Annotated[str | None, typer.Option("--tonight", help="A slate, ISO date: the same columns as they can be known now.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="With --tonight: the moment, ISO, UTC; default: now or the lock.")] = None,
    groups: Annotated[
        str | None, typer.Option("--groups", help="market_blind, game_market, prop_market or feature groups, separated by commas.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="points, rebounds, assists, threes, pra, minutes (of those who played) or did_play.")
    ] = None,
    masks: Annotated[bool, typer.Option("--masks", help="Add <feature>_is_missing.")] = False,
    flags: Annotated[bool, typer.Option("--flags", help="Add feature_flags: small windows, priors, old quotes, as JSON.")] = False,
    ready: Annotated[str | None, typer.Option("--ready", help="Only rows ready for a model group: blind, game_market or aware.")] = None,
    allow_thin: Annotated[
        bool, typer.Option("--allow-thin", help="Write rows whose history lacks games, too; the manifest says how many.")
    ] = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write a training frame, or tonight's rows by the same code, with its manifest beside it."""
    place = home_at(home)
    chosen = [name.strip() for name in groups.split(",")] if groups else None
    if tonight:
        if start or end or label:
            raise BackcourtError("--tonight names one slate to come; leave --from, --to and --label out, or leave --tonight out.")
        frame = place.tonight(
            tonight,
            as_of=clock.moment(as_of, "--as-of ") if as_of else None,
            groups=chosen,
            masks=masks,
            flags=flags,
            ready=ready,
            allow_thin=allow_thin,
        )
    else:
        if not start or not end:
            raise BackcourtError("A frame needs --from DATE and --to DATE (inclusive), or --tonight DATE.")
        if as_of:
            raise BackcourtError("--as-of belongs to --tonight: history is always as of each game's lock.")
        frame = place.features(start, end, groups=chosen, label=label, masks=masks, flags=flags, ready=ready, allow_thin=allow_thin)
    count = frame.write(out)
    if as_json_:
        as_json({"rows": count, "features": len(frame.manifest.names), "manifest_hash": frame.manifest.hash, "proof": frame.proof})
        return
    sidecar = out.with_suffix(".manifest.json")
    say(f"{count:,} rows, {len(frame.manifest.names)} features written to {out}; manifest {frame.manifest.hash} in {sidecar}")
    if frame.proof["history_games_lacking"]:
        thin = frame.proof["thin_dates"]
        say(
            f"{len(thin):,} dates are thin: what they rest on lacks {frame.proof['history_games_lacking']:,} game(s); see `backcourt gaps`."
        )
    lacking = frame.proof.get("dates_without_rows") or []
    if lacking:
        say(f"{len(lacking)} game dates of the range have no rows, the first {lacking[0]}; see `backcourt verify --for predictions`.")


def describe(
    table: Annotated[str, typer.Argument(help="Table.")],
    by: Annotated[str, typer.Option("--by", help="season or month.")] = "season",
    column: Annotated[list[str] | None, typer.Option("--column", help="A column; repeatable. Default: all.")] = None,
    recall: Annotated[bool, typer.Option("--recall", help="How many of those who played had a row, and why the others had none.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="With --recall: list every appearance without a row.")] = False,
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    style: FormatOption = "table",
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The distribution of a table's columns: n, NULLs and why, mean, sd, min, max, histogram."""
    place = home_at(home)
    chosen = selection(place, season, start, end)
    if recall:
        _recall(place, table, chosen, verbose, style, as_json_)
        return
    from backcourt.work.reports.distributions import distributions

    found = distributions(place, table, chosen, by=by, columns=column or ())
    if as_json_:
        as_json({"table": table, "columns": [{**vars(d), "null_share": d.null_share} for d in found]})
        return
    rows(
        ("column", by, "n", "null", "mean", "sd", "min", "max", "histogram", "why null"),
        [
            (
                d.column, d.period, f"{d.rows - d.nulls:,}", f"{d.null_share:.1%}",
                f"{d.values} values" if d.values is not None else _number(d.mean), _number(d.sd), _number(d.low), _number(d.high),
                d.sparkline, d.why,
            )
            for d in found
        ],
        style,
    )  # fmt: skip


def _recall(place: Home, table: str, chosen: Selection, verbose: bool, style: str, as_json_: bool) -> None:
    from backcourt.work.reports.recall import REASONS
    from backcourt.work.reports.recall import recall as recall_of

    found = recall_of(place, table, chosen)
    if as_json_:
        as_json({"table": table, "seasons": [{**vars(r), "share": r.share, "missed": [vars(m) for m in r.missed]} for r in found]})
        return
    rows(
        ("season", "appearances", "with a row", "share", *REASONS),
        [(r.season, f"{r.appearances:,}", f"{r.listed:,}", f"{r.share:.2%}", *r.counted().values()) for r in found],
        style,
    )
    if verbose:
        rows(
            ("reason", "date", "game", "player", "name", "last appearance"),
            [
                (m.reason, m.game_date, m.game_id, m.player_id, m.player_name, m.last_appearance_date or "-")
                for m in sorted((m for r in found for m in r.missed), key=lambda m: (REASONS.index(m.reason), m.game_date, m.player_id))
            ],
            style,
        )
    else:
        say("--verbose lists every appearance without a row.")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"
