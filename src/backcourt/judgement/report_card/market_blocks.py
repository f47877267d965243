"""The blocks of one market."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backcourt.judgement.report_card.blocks import (
    Block,
    Figure,
    Heading,
    Sentence,
    TableBlock,
    count,
    difference,
    digits_of,
    number,
    percent,
    signed,
    table,
)

METRIC_NAMES = {"mae": "mean absolute error", "crps": "CRPS", "log_loss": "log loss of P(over)", "bias": "mean of forecast less result"}


def market_blocks(market: dict[str, Any], calibration: dict[str, Any]) -> Iterator[Block]:
    """Populations, paired tables, slices, calibration, the pool's members and the gaps of one market."""
    yield Heading(2, f"Market: {market['name']}")
    yield Sentence(f"{market['rows']:,} rows, {market['appearances']:,} appearances; systems: {', '.join(market['systems'])}.")
    yield from comparisons(market)
    yield Heading(3, "Slices by what was known before the game")
    for population in dict.fromkeys(part["population"] for part in market["slices"]):
        yield from _sliced(population, [part for part in market["slices"] if part["population"] == population])
    yield Heading(3, "Calibration")
    yield from _calibration(market["market"], calibration)
    yield from _members(market["leave_one_out"])
    yield from _gaps(market["gaps"])


def comparisons(market: dict[str, Any]) -> Iterator[Block]:
    """Populations and paired tables."""
    yield Heading(3, "Populations")
    yield table(
        ("population", "meaning", "N", "dates", "players", "not forecast", "N printed", "difference"),
        [
            (
                p["population"], p["meaning"], count(p["n"]), p["dates"], p["players"], p["not_forecast"], count(p["printed"]),
                None if p["difference"] is None else f"{p['difference']:+,}",
            )
            for p in market["populations"]
        ],
    )  # fmt: skip
    for title, key in (("Point forecasts", "point"), ("Distributions", "distribution"), ("Probabilities", "probability")):
        if market[key]:
            yield Heading(3, title)
        for paired in market[key]:
            yield from _paired(paired)


def _paired(paired: dict[str, Any]) -> Iterator[Block]:
    digits = digits_of(paired["metric"])
    yield Sentence(
        f"{paired['population']}, {METRIC_NAMES[paired['metric']]}: {paired['n']:,} rows that all systems share, {paired['dates']} dates; "
        f"differences to {paired['reference']}, 95 % interval over dates, in brackets again over players."
    )
    yield _systems(paired["systems"], digits)
    if paired["apart"]:
        yield Sentence(f"Systems that abstain on some of these rows, each with {paired['reference']} on its own rows:")
        yield table(
            ("system", "N", "value", paired["reference"], "difference"),
            [
                (r["system"], count(r["n"]), number(r["value"], digits), number(r["reference_value"], digits), difference(r, digits))
                for r in paired["apart"]
            ],
        )


def _systems(rows: list[dict[str, Any]], digits: int) -> TableBlock:
    return table(
        ("system", "value", "difference", "by player"),
        [(r["system"], number(r["value"], digits), difference(r, digits), difference(r, digits, "player_")) for r in rows],
    )


def _sliced(population: str, parts: list[dict[str, Any]]) -> Iterator[Block]:
    """One table a population: a line per label, a column per metric."""
    columns = [(part["metric"], part["reference"], part["system"]) for part in parts]
    metrics = list(dict.fromkeys(columns))
    rows = []
    for name in dict.fromkeys(part["slice"] for part in parts):
        mine = {(p["metric"], p["reference"], p["system"]): {row["label"]: row for row in p["labels"]} for p in parts if p["slice"] == name}
        for label in dict.fromkeys(label for by_label in mine.values() for label in by_label):
            cells = [mine.get(metric, {}).get(label) for metric in metrics]
            n = next((cell["n"] for cell in cells if cell), 0)
            rows.append((name, label, count(n), *(_slice_cell(cell, metric[0]) for cell, metric in zip(cells, metrics, strict=True))))
    yield Sentence(f"{population}:")
    yield table(("slice", "label", "N", *(_slice_column(*metric) for metric in metrics)), rows)


def _slice_column(metric: str, reference: str, system: str) -> str:
    return f"{system} bias" if metric == "bias" else f"{system} {metric.replace('_', ' ')} less {reference}"


def _slice_cell(cell: dict[str, Any] | None, metric: str) -> str | None:
    if cell is None:
        return None
    return signed(cell["value"]) if metric == "bias" else difference(cell, digits_of(metric))


def _calibration(market: str, found: dict[str, Any]) -> Iterator[Block]:
    rows = []
    for part in found["coverage"]:
        for label, listed in (("all", part["overall"]), *part["by_tier"].items()):
            by_percent = {c["percent"]: c for c in listed}
            rows.append(
                (
                    part["population"], part["system"], label, count(by_percent[80]["n"]),
                    *(percent(by_percent[p]["estimate"]) for p in (50, 80, 90)),
                    percent(by_percent[80]["between_quantiles"]),
                )
            )  # fmt: skip
    yield Sentence("Coverage by randomised PIT, and the share of results between the 10 % and 90 % quantiles, ends included:")
    yield table(("population", "system", "tier", "N", "50 %", "80 %", "90 %", "q10 to q90"), rows)
    if found["probability"]:
        yield Sentence("P(over) against what happened (logistic slope and intercept, expected calibration error):")
        yield table(
            ("population", "system", "part", "N", "slope", "intercept", "ECE"),
            [
                (
                    p["population"],
                    p["system"],
                    part,
                    count(fit["n"]),
                    number(fit["slope"], 2),
                    signed(fit["intercept"], 2),
                    number(fit["ece"]),
                )
                for p in found["probability"]
                for part, fit in [("all", p), *((f"{by}: {label}", fit) for by, fits in p["by"].items() for label, fit in fits.items())]
            ],
        )
        yield Figure("reliability", market)
    if found["pit"]:
        yield Figure("pit", market)
    if found["error_correlations"]:
        correlations = found["error_correlations"]
        yield Sentence(f"Correlations of errors on {correlations['population']} (near-copies are no second opinion):")
        yield table(
            ("system", *correlations["systems"]),
            [
                (name, *(number(value, 2) for value in line))
                for name, line in zip(correlations["systems"], correlations["matrix"], strict=True)
            ],
        )
        yield Figure("correlations", market)
    if any(part["by_tier"] for part in found["coverage"]):
        yield Figure("coverage", market)


def _members(found: dict[str, Any] | None) -> Iterator[Block]:
    yield Heading(3, "What each system adds to the ensemble")
    if not found:
        yield Sentence("The run doesn't say.")
        return
    yield Sentence("CRPS of the pool without the system less that of the whole pool; positive: it helps.")
    yield table(
        ("system", *(f"{season}" for season in found)),
        [
            (system, *(_gain(found[season].get(system)) for season in found))
            for system in dict.fromkeys(system for by_system in found.values() for system in by_system)
        ],
    )


def _gain(found: dict[str, Any] | None) -> str | None:
    return None if found is None else f"{found['gain']:+.4f} [{found['low']:+.4f}, {found['high']:+.4f}]"


def _gaps(gaps: dict[str, Any]) -> Iterator[Block]:
    yield Heading(3, "Gaps")
    missed = ", ".join(f"{key}: {n}" for key, n in gaps["not_forecast"].items()) or "none"
    silent = ", ".join(f"{system}: {n:,}" for system, n in gaps["abstained"].items()) or "none"
    why = "the player wasn't listed for that game, or all quotes came too late"
    yield Sentence(f"Appearances that a population lacks ({why}), by month: {missed}.")
    yield Sentence(f"Appearances from which a system abstained: {silent}.")
