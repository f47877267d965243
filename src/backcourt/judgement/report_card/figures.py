"""The card's plots as SVG text: no dates, fixed ids, so that the same numbers give the same bytes."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from backcourt.engine.errors import BackcourtError

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "backcourt", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9.0, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3,
}  # fmt: skip
_COLOURS = ("#1b6ca8", "#d1495b", "#3f8f5a", "#8a5a9e", "#c78a1d", "#555555")


def figure(name: str, calibration: dict[str, Any]) -> str:
    """One plot of a market's calibration section. Raises BackcourtError for a name that isn't one."""
    drawn = {"reliability": _reliability, "pit": _pit, "correlations": _correlations, "coverage": _coverage}
    if name not in drawn:
        raise BackcourtError(f"There is no figure {name!r}; figures are {', '.join(drawn)}.")
    with matplotlib.rc_context(_STYLE):
        canvas = drawn[name](calibration)
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    text = out.getvalue()
    return text[text.index("<svg") :]


def _canvas(panels: int, width: float = 3.4, height: float = 3.0) -> tuple[Canvas, list[Axes]]:
    canvas = Canvas(figsize=(width * panels, height), layout="constrained")
    return canvas, list(np.atleast_1d(canvas.subplots(1, panels)))


def _reliability(calibration: dict[str, Any]) -> Canvas:
    """Share of overs by stated P(over), a panel a population."""
    populations = list(dict.fromkeys(part["population"] for part in calibration["probability"]))
    canvas, panels = _canvas(len(populations))
    for axes, population in zip(panels, populations, strict=True):
        axes.plot([0.3, 0.7], [0.3, 0.7], color="#999999", linewidth=1, linestyle="--")
        parts = [part for part in calibration["probability"] if part["population"] == population and part["system"] != "market_intercept"]
        for colour, part in zip(_COLOURS, parts, strict=False):
            mean = np.array([b["mean"] for b in part["bins"]], dtype=float)
            share, low, high = (np.array([b["share"][key] for b in part["bins"]], dtype=float) for key in ("estimate", "low", "high"))
            axes.plot(mean, share, marker="o", markersize=3, linewidth=1.2, color=colour, label=part["system"])
            axes.fill_between(mean, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.set(xlabel="stated P(over)", ylabel="share of overs", title=population)
        axes.legend(fontsize=7, frameon=False)
    return canvas


def _pit(calibration: dict[str, Any]) -> Canvas:
    """PIT histograms, a panel a system, at most six a row."""
    parts = calibration["pit"]
    columns = min(6, len(parts))
    rows = -(-len(parts) // columns)
    canvas = Canvas(figsize=(1.9 * columns, 1.7 * rows), layout="constrained")
    grid = np.atleast_1d(canvas.subplots(rows, columns, sharey=True)).ravel()
    for axes, part in zip(grid, parts, strict=False):
        shares = np.array(part["shares"], dtype=float)
        edges = np.linspace(0, 1, len(shares) + 1)
        axes.bar(edges[:-1], shares, width=1 / len(shares), align="edge", color=_COLOURS[0], alpha=0.75)
        axes.axhline(1 / len(shares), color="#999999", linewidth=1, linestyle="--")
        axes.set_title(part["system"], fontsize=8)
    for axes in grid[len(parts) :]:
        axes.set_visible(False)
    return canvas


def _correlations(calibration: dict[str, Any]) -> Canvas:
    """Correlations of errors, system by system."""
    found = calibration["error_correlations"]
    matrix = np.array(found["matrix"], dtype=float)
    names = found["systems"]
    size = 0.42 * len(names) + 1.6
    canvas, (axes,) = _canvas(1, size, size)
    # The luck of a game is shared by all, so the scale begins where the least alike stand.
    axes.imshow(matrix, cmap="Blues", vmin=float(np.nanmin(matrix)) - 0.02, vmax=1.0)
    axes.grid(visible=False)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    for row in range(len(names)):
        for column in range(len(names)):
            axes.text(column, row, f"{matrix[row, column]:.2f}", ha="center", va="center", fontsize=6)
    return canvas


def _coverage(calibration: dict[str, Any]) -> Canvas:
    """Coverage of the 50, 80 and 90 % intervals by tier, a panel a population."""
    parts = [part for part in calibration["coverage"] if part["by_tier"]]
    canvas, panels = _canvas(len(parts), 2.8)
    for axes, part in zip(panels, parts, strict=True):
        tiers = list(part["by_tier"])
        for colour, percent in zip(_COLOURS, (50, 80, 90), strict=False):
            found = [next(c for c in part["by_tier"][tier] if c["percent"] == percent) for tier in tiers]
            at = np.array([c["estimate"] for c in found], dtype=float)
            low, high = (np.array([c[key] for c in found], dtype=float) for key in ("low", "high"))
            axes.errorbar(
                range(len(tiers)), at, yerr=[at - low, high - at], fmt="o", markersize=3, color=colour, capsize=2, label=f"{percent} %"
            )
            axes.axhline(percent / 100, color=colour, linewidth=0.8, linestyle="--")
        axes.set_xticks(range(len(tiers)), tiers, fontsize=7)
        axes.set(title=part["population"], ylim=(0.35, 1.0))
        axes.legend(fontsize=7, frameon=False, loc="lower right")
    return canvas
