"""The proofs that a home offers: nobody sees the future, and what is stored is what the code computes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from backcourt.engine.build.chunk import bounded_query
from backcourt.engine.build.selection import Selection
from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge import receipts
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.asof import Proof, as_of_tables, prove
from backcourt.features.collect import keep_proof
from backcourt.field import clock
from backcourt.home import Home
from backcourt.sources.payloads import damaged, loads_of
from backcourt.tables import declared as declarations

_AGAIN = "computed_again"


def leaktest(
    home: Home,
    *,
    slates: int = 12,
    seed: int = 1,
    days: tuple[date, ...] = (),
    tables: tuple[str, ...] | None = None,
    workers: int = 1,
    on_slate: Callable[[date], None] = lambda day: None,
) -> Proof:
    """Prove the as-of tables on `days`, or on a sample of slates. Raises BackcourtError when there is nothing to prove."""
    with home.working("leaktest") as job, home.situation() as situation:
        nodes = as_of_tables(situation)
        if tables is not None:
            nodes = [node for node in nodes if node.name in tables]
        nodes = [node for node in nodes if situation.warehouse.columns(node.name)]
        if not nodes:
            raise BackcourtError("None of these tables is an as-of table that was built; run `backcourt run`, or choose others.")
        chosen = list(days) or sample(situation, slates, seed)
        for day in days:
            if not situation.calendar.by_date.get(day):
                raise BackcourtError(f"{day} has no games, so there is nothing to prove; see `backcourt calendar --why {day}`.")
        proof = prove(situation, nodes, chosen, lambda day: declarations.lock_times(situation.warehouse, day), on_slate, workers)
        keep_proof(home.runs_folder, situation, proof, clock.now())
        job.ends(1 if proof.leaks else 0, f"{proof.slates} slates, {proof.locks} locks, {len(proof.leaks)} leaks")
        return proof


def sample(situation: Situation, count: int, seed: int) -> list[date]:
    """Slates to prove: a season's first date, a date with quotes between tip-off and lock, a playoff date, and a spread over the rest."""
    calendar = situation.calendar
    known = [day for day in calendar.dates if day <= calendar.today]
    if not known:
        raise BackcourtError("The schedule has no slate yet; run `backcourt ingest PATH` first.")
    chance = random.Random(seed)
    telling = [calendar.season_bounds(season)[0] for season in calendar.seasons[-1:]]
    at_tip = situation.warehouse.query("select distinct game_date from prop_quotes where capture_phase in ('at_tip', 'live') order by 1")
    telling += [chance.choice(at_tip)[0]] if at_tip else []
    playoffs = sorted({game.game_date for game in calendar.games if game.kind == "playoffs" and game.game_date in set(known)})
    telling += [chance.choice(playoffs)] if playoffs else []
    rest = [day for day in known if day not in telling]
    spread = [chance.choice(rest[start : start + max(1, len(rest) // count)]) for start in range(0, len(rest), max(1, len(rest) // count))]
    return sorted(
        dict.fromkeys(
            [*telling, *spread][:count]
            if count < len(telling)
            else [*telling, *chance.sample(spread, min(len(spread), count - len(telling)))]
        )
    )


def recompute(home: Home, selection: Selection, count: int | None) -> tuple[int, list[str]]:
    """Compute the selected partitions of every built table again; how many were compared, and a sentence per difference."""
    compared, differences = 0, []
    with home.exact_situation("recompute") as situation:
        warehouse = situation.warehouse
        for node in situation.catalog.built:
            if (selection.tables is not None and node.name not in selection.tables) or not warehouse.columns(node.name):
                continue
            stored = receipts.measure(warehouse, node)
            held = situation.facts.of(node)
            days = [day for day in sorted(held) if selection.holds(day, situation.calendar.season_of(day) or "")]
            if count is not None:
                days = days[:: max(1, len(days) // count)][:count]
            for start, end in [(day, day) for day in days] if count is not None else ([(days[0], days[-1])] if days else []):
                warehouse.stage(_AGAIN, bounded_query(warehouse, situation.calendar, node, start, end))
                wanted = set(days)
                _drop_withheld(situation, node.name, wanted)
                again = receipts.measure(warehouse, node, relation=_AGAIN)
                for day in wanted & set(_between(days, start, end)):
                    compared += 1
                    ours, theirs = stored.get(day), again.get(day)
                    if (ours.content_hash if ours else None) != (theirs.content_hash if theirs else None):
                        counts = f"{ours.rows if ours else 0} rows stored, {theirs.rows if theirs else 0} computed"
                        differences.append(f"{node.name} {day}: {counts}, content differs; see `backcourt why {node.name} {day}`")
                warehouse.drop_stage(_AGAIN)
    return compared, differences


def recompute_raw(home: Home) -> tuple[int, list[str]]:
    """Measure every source relation again and compare it with what ingest recorded, and every kept raw file with its hash."""
    compared, differences = 0, []
    with home.exact_situation("recompute") as situation:
        loads = loads_of(situation.warehouse)
        compared += len(loads)
        differences += damaged(home.raw_folder, loads)
        for node in situation.catalog.sources:
            stored = receipts.measure(situation.warehouse, node)
            held = situation.facts.of(node)
            for day in sorted(set(stored) | set(held)):
                compared += 1
                now, then = stored.get(day), held.get(day)
                if (now.content_hash if now else None) != (then.content_hash if then else None):
                    label = "" if day == receipts.UNDATED else f" {day}"
                    counts = f"{now.rows if now else 0} rows now, {then.rows if then else 0} when it was loaded"
                    differences.append(f"{node.name}{label}: {counts}; `backcourt repair` rebuilds them from the raw files")
    return compared, differences


def _between(days: list[date], start: date, end: date) -> list[date]:
    return [day for day in days if start <= day <= end]


def _drop_withheld(situation: Situation, table: str, days: set[date]) -> None:
    """Games that the build withheld aren't stored, so they don't count as differences."""
    games = sorted({game for day in days for game in situation.facts.receipts[table][day].withheld if game})
    if games:
        listed = ", ".join(f"'{game}'" for game in games)
        situation.warehouse.query(f"delete from {_AGAIN} where game_id in ({listed})")
