"""Everything unmet, grouped by what it hangs on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.partition import EXCUSED, Partition


@dataclass(frozen=True)
class Gap:
    """Unmet partitions of one table that share a state: how many, over which dates, how many games, one example."""

    table: str
    season: str
    state: str
    partitions: int
    games: int
    first: str
    last: str
    example: str


def gaps(partitions: list[Partition]) -> list[Gap]:
    """The unmet partitions by table, season and state; thin ones of all tables together, as what makes them thin is told before them."""
    found: dict[tuple[str, str, str], list[Partition]] = {}
    thin: dict[str, list[Partition]] = {}
    for partition in partitions:
        if partition.state == "thin" and not partition.is_good:
            thin.setdefault(partition.season, []).append(partition)
        elif not partition.is_good:
            found.setdefault((partition.table, partition.season, partition.state), []).append(partition)
    causes = [
        Gap(
            table, season, state, len(group), len({h.game_id for p in group for h in p.holes if h.cause not in EXCUSED}),
            str(min(p.game_date for p in group)), str(max(p.game_date for p in group)), group[0].detail,
        )
        for (table, season, state), group in found.items()
    ]  # fmt: skip
    return [*causes, *(_resting(season, group) for season, group in thin.items())]


def _resting(season: str, thin: list[Partition]) -> Gap:
    tables = sorted({partition.table for partition in thin})
    games = max(partition.history_games_lacking for partition in thin)
    days = [partition.game_date for partition in thin]
    told = f"complete but for up to {games:,} game(s) that lack on the dates they rest on; good once those are"
    return Gap(
        tables[0] if len(tables) == 1 else f"{len(tables)} tables",
        season,
        "thin",
        len(thin),
        games,
        str(min(days)),
        str(max(days)),
        told,
    )


def source_holes(known: dict[str, Game], sources: list[str], partitions: list[Partition]) -> list[str]:
    """One sentence per source that lacks games, by season and season type, with the next step."""
    sentences = []
    for name in sources:
        games = {hole.game_id for p in partitions if p.table == name for hole in p.holes if hole.cause == "missing"}
        if games:
            counts = Counter((known[g].season, known[g].kind) for g in games)
            told = ", ".join(f"{season} {kind} {count}" for (season, kind), count in sorted(counts.items()))
            sentences.append(
                f"{name}: {len(games):,} games missing ({told}); ingest them, or declare them unavailable in backcourt.toml with a reason."
            )
    return sentences


def stale_rows(partitions: list[Partition]) -> list[tuple[str, str, int, str, str]]:
    """(table, why, partitions, first, last) of the stale partitions."""
    found: dict[tuple[str, str], list[Partition]] = {}
    for partition in partitions:
        if partition.state == "stale":
            found.setdefault((partition.table, partition.detail), []).append(partition)
    return [
        (table, why, len(group), str(min(p.game_date for p in group)), str(max(p.game_date for p in group)))
        for (table, why), group in found.items()
    ]
