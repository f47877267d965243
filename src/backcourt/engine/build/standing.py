"""How a selection stands after a run: what of it a gate wouldn't accept, whether or not there was anything to build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

from backcourt.engine.build.selection import Selection
from backcourt.engine.judge import records
from backcourt.engine.judge.expectation import ANY_GAME
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.situation import Situation


def unmet(situation: Situation, selection: Selection) -> list[Partition]:
    """The partitions of the selected tables, and of what they need, that aren't good; thin ones only where history is asked for."""
    nodes = selection.nodes(situation.catalog)
    states = situation.states(nodes)
    return [
        partition
        for node in nodes
        if not node.is_appended
        for partition in states[node.name].values()
        if selection.holds(partition.game_date, partition.season)
        and not partition.is_good
        and (selection.with_history or partition.state != "thin")
    ]


def counted(situation: Situation, partitions: list[Partition]) -> dict[str, int]:
    """How many of each state are of tables, the most frequent first: what a source lacks is ingest's to bring."""
    built = [partition for partition in partitions if situation.catalog[partition.table].is_built]
    return dict(Counter(str(partition.state) for partition in built).most_common())


def nothing_is_left(situation: Situation) -> bool:
    """After a run over everything that tried whatever could be built: can nothing be unmet?

    A partition that isn't good then has a failure, lacks a game that its receipt says was left out, or rests on one
    of those; so there is no need to judge all of them. False only says that it takes a look.
    """
    facts = situation.facts
    if facts.failures or facts.calendar.is_overdue:
        return False
    is_declared = _declared(situation)
    left_out = situation.warehouse.query(f"select withheld from {records.current()} as receipts where withheld <> '{{}}'")
    return all(is_declared(game) for (games,) in left_out for game in json.loads(games))


def _declared(situation: Situation) -> Callable[[str], bool]:
    sources = [node.name for node in situation.catalog.sources]
    facts, games = situation.facts, situation.calendar.by_id
    known: dict[str, bool] = {}

    def is_declared(game_id: str) -> bool:
        if game_id not in known:
            game = games.get(game_id)
            known[game_id] = game is not None and any(facts.excuse(source, game) for source in sources)
        return known[game_id]

    return lambda game_id: game_id != ANY_GAME and is_declared(game_id)
