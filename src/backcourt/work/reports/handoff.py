"""The true state for a colleague, generated from the states so that it agrees with verify."""

from __future__ import annotations

import html

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.judge.cause import leading
from backcourt.engine.judge.situation import Situation
from backcourt.field import clock
from backcourt.home import Home
from backcourt.work.reports.grid import grid
from backcourt.work.reports.holes import gaps, source_holes, stale_rows
from backcourt.work.reports.unsettled import unsettled


def handoff(home: Home, situation: Situation) -> str:
    """Markdown: grid, running, failed, stale, unmet, waivers, next commands."""
    seasons, cells = grid(situation)
    partitions = [p for found in situation.states(situation.catalog.nodes.values()).values() for p in found.values()]
    plan = make_plan(situation, Selection())
    lines = [
        "# State of this home", "", f"`{home.path}`, read from the {home.read_from()}, {clock.now():%Y-%m-%d %H:%M} UTC, "
        f"policy {situation.policy.hash}.", "", "## Tables by season", "",
        "| table | " + " | ".join(seasons) + " |", "|---|" + "---|" * len(seasons),
    ]  # fmt: skip
    for table, by_season in cells.items():
        shown = [f"{c.good}/{c.due} {c.percent:.1f} % {c.worst}" if (c := by_season.get(season)) else "" for season in seasons]
        lines.append(f"| {table} | " + " | ".join(shown) + " |")
    lines += ["", "## Unmet", ""]
    found = gaps(partitions)
    lines += [
        f"- {g.table} {g.season}: {g.partitions:,} {g.state}, {g.games:,} games, {g.first} to {g.last}: {g.example}" for g in found
    ] or ["Nothing."]
    lines += [
        f"- {sentence}"
        for sentence in source_holes(situation.calendar.by_id, [node.name for node in situation.catalog.sources], partitions)
    ]
    lines += ["", "## Stale", ""]
    lines += [f"- {t}: {n:,} partitions, {first} to {last}: {why}" for t, why, n, first, last in stale_rows(partitions)] or ["Nothing."]
    cause = leading(situation.facts, partitions)
    failed = [p for p in partitions if p.state == "failed"]
    lines += ["", "## Failed", ""]
    lines += [f"- {p.table} {p.game_date}: {p.detail}" for p in failed] or ["Nothing."]
    excused = sum(p.state == "unavailable" for p in partitions)
    waived = [p for p in partitions if p.waived]
    lines += [
        "",
        "## Exceptions",
        "",
        f"{excused:,} partitions stand on declared holes, {len(waived):,} on waivers.",
        "",
    ]
    lines += [f"- {p.table} {p.game_date}: {p.waived}" for p in waived]
    beside = unsettled(home, situation)
    lines += ["", "## Unsettled", "", beside.sentence.partition(";")[0] or "Nothing."]
    lines += [f"- {line}" for line in beside.lines()]
    lines += ["", "## Next", ""]
    if plan.partitions:
        lines.append(f"    backcourt run        # {plan.partitions:,} partitions")
    elif cause is not None:
        lines += [f"{cause.text}:", "", f"{cause.command}.", ""]
    lines.append("    backcourt verify --for phase4")
    return "\n".join(lines) + "\n"


def as_html(markdown: str) -> str:
    """The same text as a plain HTML page."""
    return f"<!doctype html><meta charset='utf-8'><title>backcourt handoff</title><pre>{html.escape(markdown)}</pre>\n"
