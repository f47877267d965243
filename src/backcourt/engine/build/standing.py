"""How a selection stands after a run: what of it a gate wouldn't accept, whether or not there was anything to build."""

from __future__ import annotations

import json
from collections import Counter

from backcourt.engine.build.selection import Selection
from backcourt.engine.judge import records
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.partition import WAITS_FOR, Partition
from backcourt.engine.judge.situation import Situation


def unmet(situation: Situation, selection: Selection) -> list[Partition]:
    """What of the selected tables, and of what they need, isn't good; thin partitions only where history is asked for."""
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
    left_out = situation.warehouse.query(f"select withheld from {records.current()} as receipts where withheld <> '{{}}'")
    return all(_is_declared(facts, game, why) for (games,) in left_out for game, why in json.loads(games).items())


def _is_declared(facts: Facts, game_id: str, why: str) -> bool:
    """Does the game only wait for sources that are declared not to have it? Tables that it waits for answer for themselves."""
    game = facts.calendar.by_id.get(game_id)
    if game is None or not why.startswith(WAITS_FOR):
        return False
    sources = [name for name in why.removeprefix(WAITS_FOR).split(", ") if not facts.catalog[name].is_built]
    return all(facts.excuse(name, game) for name in sources)
