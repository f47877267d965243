"""Seasons and slates as the schedule has them."""

from __future__ import annotations

from datetime import date
from typing import Any

from backcourt.engine.build.selection import Selection
from backcourt.engine.judge.situation import Situation


def season_rows(situation: Situation) -> list[tuple[Any, ...]]:
    """(season, kind, games, final, open, postponed or cancelled, dates, first, last) per season and season type."""
    found: dict[tuple[str, str], list[Any]] = {}
    for game in situation.calendar.games:
        found.setdefault((game.season, game.kind), []).append(game)
    rows = []
    for (season, kind), games in sorted(found.items(), key=lambda item: (item[0][0], min(g.game_date for g in item[1]))):
        counts = [sum(g.status == status for g in games) for status in ("final", "open")]
        days = {g.game_date for g in games}
        rows.append((season, kind, len(games), *counts, len(games) - sum(counts), len(days), min(days), max(days)))
    return rows


def why_nothing_is_chosen(situation: Situation, selection: Selection) -> str:
    """Why a selection holds no date with games; empty when it holds one."""
    calendar = situation.calendar
    if any(selection.holds(day, calendar.season_of(day) or "") for day in calendar.dates):
        return ""
    days = selection.dates or tuple({day for day in (selection.from_date, selection.to_date) if day is not None})
    if len(days) == 1:
        return why_no_games(situation, days[0])
    return f"The schedule has no game on any of the dates asked for; it reaches from {calendar.dates[0]} to {calendar.dates[-1]}."


def why_no_games(situation: Situation, day: date) -> str:
    """Why a date has no games to build, or which it has."""
    games = situation.calendar.by_date.get(day, [])
    due = [g for g in games if g.status in ("final", "open")]
    if due:
        return f"{day} has {len(due)} game(s): {', '.join(f'{g.game_id} ({g.kind}, {g.status})' for g in due)}."
    if games:
        return f"{day} has only games that were {' and '.join(sorted({g.status for g in games}))}: {', '.join(g.game_id for g in games)}."
    others = situation.warehouse.query("select game_id, season_type from schedule where game_date = ? order by 1", [day])
    if others:
        kinds, ids = " and ".join(sorted({str(o[1]) for o in others})), ", ".join(str(o[0]) for o in others)
        return f"{day} has only {kinds} games ({ids}), which count nowhere."
    before = [d for d in situation.calendar.dates if d < day]
    after = [d for d in situation.calendar.dates if d > day]
    if not before or not after:
        return f"{day} lies outside the loaded schedule ({situation.calendar.dates[0]} to {situation.calendar.dates[-1]})."
    return f"The schedule has no game on {day}; the slates around it are {before[-1]} and {after[0]}."
