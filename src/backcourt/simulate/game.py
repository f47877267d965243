"""Games from possessions: every possession ends in a turnover, free throws or a shot from an area, and may continue after a rebound.

All games of a batch are played at once: an event is a row of several NumPy arrays, and box scores are counts of events, so that player
sums, team totals, quarter scores and shots agree by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backcourt.simulate.rotation import SLOTS, Lineups

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.ability import Abilities

STATS = (
    "points", "fg_makes", "fg_attempts", "three_makes", "three_attempts", "ft_makes", "ft_attempts", "offensive_rebounds",
    "defensive_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "points_for", "points_against", "possessions",
)  # fmt: skip
COLUMN = {name: index for index, name in enumerate(STATS)}
PERIOD_SECONDS = 720
OVERTIME_SECONDS = 300
OVERTIME_POSSESSIONS = 11
MAXIMUM_PERIODS = 14
LATER_CHANCES = 5

POSSESSIONS_MEAN = 99.4
POSSESSIONS_SD = 3.0
FIRST_THREE_AREA = 3
TURNOVER_RATE = 0.133
FREE_THROW_TRIP_RATE = 0.083
AND_ONE_RATE = 0.030
COMMON_FOUL_RATE = 0.057
OFFENSIVE_FOUL_SHARE = 0.12
STEAL_SHARE = 0.55
BLOCK_RATES = (0.15, 0.12, 0.04, 0.005, 0.005, 0.005, 0.0)
ASSIST_RATES = (0.60, 0.47, 0.38, 0.97, 0.97, 0.84, 0.30)
OFFENSIVE_REBOUND = 0.218
TEAM_OFFENSIVE_REBOUND = 0.032
TEAM_DEFENSIVE_REBOUND = 0.042
SWEEPS_A_GAME = 4
MAXIMUM_FOULS = 6
# A leading side eases off in the last quarter: make probability lost per point of its lead.
LEAD_SHIFT = 0.0022


@dataclass
class PlayedGames:
    """What happened: `stats` [rows, SLOTS, len(STATS)]; `seconds` [rows, SLOTS]; `quarters` [rows, MAXIMUM_PERIODS] points;
    `periods` [rows]; `starter` [rows, SLOTS]; `shots` maps row, slot, area, made, period, second (of the period) to equally long arrays.
    """

    stats: np.ndarray
    seconds: np.ndarray
    quarters: np.ndarray
    periods: np.ndarray
    starter: np.ndarray
    shots: dict[str, np.ndarray]


class _Scorer:
    """Collects events; nothing is added up before the end."""

    def __init__(self, rows: int) -> None:
        import numpy as np

        self.rows = rows
        self.stats = np.zeros(rows * SLOTS * len(STATS), dtype=np.int64)
        self.quarters = np.zeros((rows, MAXIMUM_PERIODS), dtype=np.int64)
        self.shots: list[tuple[np.ndarray, ...]] = []

    def credit(self, stat: str, row: np.ndarray, slot: np.ndarray, amount: np.ndarray | None = None) -> None:
        import numpy as np

        flat = (row * SLOTS + slot) * len(STATS) + COLUMN[stat]
        self.stats += np.bincount(flat.ravel(), weights=None if amount is None else amount.ravel(), minlength=self.stats.size).astype(
            np.int64
        )

    def score(self, row: np.ndarray, slot: np.ndarray, points: np.ndarray, period: np.ndarray, on: np.ndarray, against: np.ndarray) -> None:
        import numpy as np

        self.credit("points", row, slot, points)
        np.add.at(self.quarters, (row, period - 1), points)
        five = np.repeat(points[:, None], 5, axis=1)
        self.credit("points_for", np.repeat(row[:, None], 5, axis=1), on, five)
        self.credit("points_against", np.repeat((row ^ 1)[:, None], 5, axis=1), against, five)


@dataclass(frozen=True)
class _Court:
    """What all possessions of a batch share. `form` [rows, SLOTS] is how much more than usual a player has the ball today, as a factor."""

    rng: np.random.Generator
    scorer: _Scorer
    lineups: Lineups
    abilities: Abilities
    form: np.ndarray


@dataclass(frozen=True)
class _Chances:
    """Chances to score, one a row of the arrays, each with the user who ends it.

    `row` is the side with the ball; `on` and `against` [chances, 5] are the slots of both sides' five, `offence` and `defence` their
    players; `pick` is the user among his five, `slot` and `user` the same in his side's slots and as a player.
    """

    row: np.ndarray
    on: np.ndarray
    against: np.ndarray
    period: np.ndarray
    second: np.ndarray
    offence: np.ndarray
    defence: np.ndarray
    pick: np.ndarray
    slot: np.ndarray
    user: np.ndarray


def play(rng: np.random.Generator, lineups: Lineups, abilities: Abilities, make_shift: np.ndarray, pace_shift: np.ndarray) -> PlayedGames:
    """Play every game of `lineups` to a decision.

    `make_shift` [rows, areas] is added to the make probabilities of that side (home court, tired legs, the other side's defence);
    `pace_shift` [games] to the expected number of possessions.
    """
    import numpy as np

    rows = len(lineups.player)
    form = np.where(lineups.player >= 0, rng.lognormal(0, 0.16, lineups.player.shape), 0.0)
    court = _Court(rng, _Scorer(rows), lineups, abilities, form)
    cumulated = np.cumsum(lineups.share, axis=1)
    cumulated[:, -1] = np.maximum(cumulated[:, -1], 5.0)
    closers = np.argsort(~lineups.closer, axis=1, kind="stable")[:, :5]
    _play_regulation(court, cumulated, make_shift, pace_shift)
    _play_last_shots(court, closers, make_shift)
    periods, seconds = _play_overtimes(court, closers, make_shift)
    starter = np.zeros(lineups.player.shape, dtype=bool)
    opening = _five(cumulated, np.arange(rows), np.zeros(rows))
    starter[np.arange(rows)[:, None], opening] = True
    stats = court.scorer.stats.reshape(rows, SLOTS, len(STATS))
    _limit_fouls(stats)
    return PlayedGames(stats, seconds, court.scorer.quarters, periods, starter, _shots_in_order(court.scorer))


def _play_regulation(court: _Court, cumulated: np.ndarray, make_shift: np.ndarray, pace_shift: np.ndarray) -> None:
    """Three quarters, then the last one, in which a leading side eases off."""
    import numpy as np

    rng = court.rng
    count = np.maximum(np.rint(rng.normal(POSSESSIONS_MEAN + pace_shift, POSSESSIONS_SD)), 80).astype(np.int64)
    possessions = np.repeat(count, 2)
    possessions[1::2] += rng.integers(-1, 2, len(count))
    row = np.repeat(np.arange(len(cumulated)), possessions)
    number = np.arange(len(row)) - np.repeat(np.cumsum(possessions) - possessions, possessions)
    moment = (number + 0.5 * (row % 2) + 0.45 * rng.random(len(row))) / (possessions[row] + 1)
    phase = (moment * SWEEPS_A_GAME) % 1.0
    on, against = _five(cumulated, row, phase), _five(cumulated, row ^ 1, phase)
    period = (moment * 4).astype(np.int64) + 1
    second = ((moment * 4) % 1.0 * PERIOD_SECONDS).astype(np.int64)
    for part in (period < 4, period == 4):
        lead = _leads(court.scorer)
        shift = make_shift - np.clip(lead, -25, 25)[:, None] * LEAD_SHIFT * (np.arange(make_shift.shape[1]) < 6)
        _possess(court, shift, row[part], on[part], against[part], period[part], second[part])


def _play_last_shots(court: _Court, closers: np.ndarray, make_shift: np.ndarray) -> None:
    """One more possession for a side that is behind by a shot."""
    import numpy as np

    lead = _leads(court.scorer)
    behind = np.flatnonzero((lead < 0) & (lead >= -3))
    last = np.full(len(behind), PERIOD_SECONDS - 4)
    _possess(court, make_shift, behind, closers[behind], closers[behind ^ 1], np.full(len(behind), 4), last)


def _play_overtimes(court: _Court, closers: np.ndarray, make_shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Play on until no game is tied; `periods` [rows] and `seconds` [rows, SLOTS] of the whole games."""
    import numpy as np

    lineups, scorer = court.lineups, court.scorer
    periods = np.full(len(closers), 4, dtype=np.int64)
    seconds = lineups.share * 4 * PERIOD_SECONDS
    totals = scorer.quarters.sum(axis=1)
    tied = np.flatnonzero(totals[::2] == totals[1::2])
    extra = 5
    while len(tied):
        sides = np.sort(np.concatenate([2 * tied, 2 * tied + 1]))
        row = np.repeat(sides, OVERTIME_POSSESSIONS)
        # A tie after the last period that the arrays hold is broken by playing that period on.
        period = np.full(len(row), min(extra, MAXIMUM_PERIODS))
        second = np.tile(np.arange(OVERTIME_POSSESSIONS) * 26 + 6, len(sides)) + 10 * (row % 2)
        _possess(court, make_shift, row, closers[row], closers[row ^ 1], period, second)
        if extra <= MAXIMUM_PERIODS:
            periods[sides] += 1
            seconds[sides] += OVERTIME_SECONDS * lineups.closer[sides]
        totals = scorer.quarters.sum(axis=1)
        tied = tied[totals[2 * tied] == totals[2 * tied + 1]]
        extra += 1
    return periods, seconds


def _shots_in_order(scorer: _Scorer) -> dict[str, np.ndarray]:
    import numpy as np

    names = ("row", "slot", "area", "made", "period", "second")
    shots = {name: np.concatenate(parts) for name, parts in zip(names, zip(*scorer.shots, strict=True), strict=True)}
    order = np.lexsort((shots["second"], shots["period"], shots["row"] // 2))
    return {name: values[order] for name, values in shots.items()}


def _leads(scorer: _Scorer) -> np.ndarray:
    """How many points each side is ahead, by row."""
    totals: np.ndarray = scorer.quarters.sum(axis=1)
    leads: np.ndarray = totals - totals.reshape(-1, 2)[:, ::-1].ravel()
    return leads


def _limit_fouls(stats: np.ndarray) -> None:
    """Hand fouls beyond six to the team-mates with the fewest of those who were on the court."""
    import numpy as np

    fouls = stats[:, :, COLUMN["personal_fouls"]]
    for row, slot in np.argwhere(fouls > MAXIMUM_FOULS):
        for _ in range(int(fouls[row, slot]) - MAXIMUM_FOULS):
            possible = np.where(stats[row, :, COLUMN["possessions"]] > 0, fouls[row], MAXIMUM_FOULS)
            fouls[row, slot] -= 1
            fouls[row, int(np.argmin(possible))] += 1


def _five(cumulated: np.ndarray, row: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """The slots under a comb with teeth at phase, phase + 1, ..., phase + 4 on the line on which the shares lie end to end."""
    import numpy as np

    five = np.empty((len(row), 5), dtype=np.int64)
    ends = cumulated[row]
    for tooth in range(5):
        five[:, tooth] = (ends <= (phase + tooth)[:, None]).sum(axis=1)
    return np.minimum(five, SLOTS - 1)


def _choose(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """One column index a row, with probability proportional to `weights` [events, columns]."""
    cumulated = weights.cumsum(axis=1)
    column: np.ndarray = (cumulated <= (rng.random(len(weights)) * cumulated[:, -1])[:, None]).sum(axis=1).clip(0, weights.shape[1] - 1)
    return column


def _possess(court: _Court, make_shift: np.ndarray, row: np.ndarray, on: np.ndarray, against: np.ndarray, period: np.ndarray,
             second: np.ndarray) -> None:  # fmt: skip
    """Play possessions (one a row of the arrays) to their end."""
    import numpy as np

    court.scorer.credit("possessions", np.repeat(row[:, None], 5, axis=1), on, np.ones_like(on))
    for number in range(LATER_CHANCES + 1):
        if not len(row):
            return
        chances = _begin(court, row, on, against, period, second)
        draw = court.rng.random(len(row))
        lost = draw < TURNOVER_RATE * court.abilities.turnover[chances.user]
        trip = ~lost & (draw > 1 - FREE_THROW_TRIP_RATE * court.abilities.foul_drawing[chances.user])
        shot = ~lost & ~trip
        _turn_over(court, chances, lost)
        made, chance_to_make = _shoot(court, chances, shot, make_shift)
        missed_last = _foul(court, chances, trip, made, chance_to_make)
        missed = np.flatnonzero((shot & ~made) | missed_last)
        keeps = _rebound(court, chances, missed)
        again = missed[keeps] if number < LATER_CHANCES else missed[:0]
        row, on, against, period = row[again], on[again], against[again], period[again]
        second = np.minimum(second[again] + 3, OVERTIME_SECONDS - 1 + (PERIOD_SECONDS - OVERTIME_SECONDS) * (period <= 4))


def _begin(court: _Court, row: np.ndarray, on: np.ndarray, against: np.ndarray, period: np.ndarray, second: np.ndarray) -> _Chances:
    """Look up who is on the court, and choose who ends each chance."""
    import numpy as np

    offence = court.lineups.player[row[:, None], on]
    defence = court.lineups.player[(row ^ 1)[:, None], against]
    pick = _choose(court.rng, court.abilities.usage[offence] * court.form[row[:, None], on])
    index = np.arange(len(row))
    return _Chances(row, on, against, period, second, offence, defence, pick, on[index, pick], offence[index, pick])


def _turn_over(court: _Court, chances: _Chances, lost: np.ndarray) -> None:
    """Credit turnovers where `lost`, the offensive fouls among them, and steals."""
    import numpy as np

    rng, scorer, row, slot = court.rng, court.scorer, chances.row, chances.slot
    scorer.credit("turnovers", row[lost], slot[lost])
    offensive_foul = lost & (rng.random(len(row)) < OFFENSIVE_FOUL_SHARE)
    scorer.credit("personal_fouls", row[offensive_foul], slot[offensive_foul])
    stolen = np.flatnonzero(lost & ~offensive_foul & (rng.random(len(row)) < STEAL_SHARE / (1 - OFFENSIVE_FOUL_SHARE)))
    thief = _choose(rng, court.abilities.steal[chances.defence[stolen]])
    scorer.credit("steals", row[stolen] ^ 1, chances.against[stolen, thief])


def _shoot(court: _Court, chances: _Chances, shot: np.ndarray, make_shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Credit the shots where `shot`, with blocks and assists; which were made, and each chance's probability to make one."""
    import numpy as np

    rng, scorer, abilities, row, slot = court.rng, court.scorer, court.abilities, chances.row, chances.slot
    many = len(row)
    area = (abilities.area_cumulated[chances.user] <= rng.random(many)[:, None]).sum(axis=1).clip(0, 6)
    chance_to_make = abilities.make[chances.user, area] + make_shift[row, area]
    made = shot & (rng.random(many) < chance_to_make)
    three = shot & (area >= FIRST_THREE_AREA)
    scorer.credit("fg_attempts", row[shot], slot[shot])
    scorer.credit("three_attempts", row[three], slot[three])
    scorer.credit("fg_makes", row[made], slot[made])
    scorer.credit("three_makes", row[made & three], slot[made & three])
    points = 2 + (area[made] >= FIRST_THREE_AREA)
    scorer.score(row[made], slot[made], points, chances.period[made], chances.on[made], chances.against[made])
    scorer.shots.append((row[shot], slot[shot], area[shot], made[shot], chances.period[shot], chances.second[shot]))
    blocked = np.flatnonzero(shot & ~made & (rng.random(many) < np.array(BLOCK_RATES)[area] / 0.55))
    blocker = _choose(rng, abilities.block[chances.defence[blocked]])
    scorer.credit("blocks", row[blocked] ^ 1, chances.against[blocked, blocker])
    helped = np.flatnonzero(made & (rng.random(many) < np.array(ASSIST_RATES)[area]))
    weights = abilities.assist[chances.offence[helped]]
    weights[np.arange(len(helped)), chances.pick[helped]] = 0.0
    scorer.credit("assists", row[helped], chances.on[helped, _choose(rng, weights)])
    return made, chance_to_make


def _foul(court: _Court, chances: _Chances, trip: np.ndarray, made: np.ndarray, chance_to_make: np.ndarray) -> np.ndarray:
    """Credit the defence's fouls, on a `trip` to the line, a made shot or off the ball, and free throws; was the last one missed?"""
    import numpy as np

    rng, scorer, row, slot = court.rng, court.scorer, chances.row, chances.slot
    many = len(row)
    and_one = made & (rng.random(many) < AND_ONE_RATE / np.maximum(chance_to_make, 0.3))
    common = ~trip & ~and_one & (rng.random(many) < COMMON_FOUL_RATE)
    fouled = np.flatnonzero(trip | and_one | common)
    culprit = _choose(rng, court.abilities.foul[chances.defence[fouled]])
    scorer.credit("personal_fouls", row[fouled] ^ 1, chances.against[fouled, culprit])
    throws = np.where(trip, np.where(rng.random(many) < 0.03, 3, 2), np.where(and_one, 1, 0))
    hits = rng.random((many, 3)) < court.abilities.free_throw[chances.user][:, None]
    taken = np.arange(3)[None, :] < throws[:, None]
    good = (hits & taken).sum(axis=1)
    at_line = throws > 0
    scorer.credit("ft_attempts", row[at_line], slot[at_line], throws[at_line])
    scorer.credit("ft_makes", row[at_line], slot[at_line], good[at_line])
    scorer.score(row[at_line], slot[at_line], good[at_line], chances.period[at_line], chances.on[at_line], chances.against[at_line])
    missed_last: np.ndarray = at_line & ~hits[np.arange(many), np.maximum(throws - 1, 0)]
    return missed_last


def _rebound(court: _Court, chances: _Chances, missed: np.ndarray) -> np.ndarray:
    """Credit the rebounds of the chances `missed` (indices); True where the offence keeps the ball. Team rebounds belong to no player."""
    import numpy as np

    rng, scorer, abilities = court.rng, court.scorer, court.abilities
    row, on, against = chances.row[missed], chances.on[missed], chances.against[missed]
    offence, defence = chances.offence[missed], chances.defence[missed]
    strength = abilities.offensive_rebound[offence].mean(axis=1)
    draw = rng.random(len(row))
    own = draw < OFFENSIVE_REBOUND * strength
    own_team = ~own & (draw < OFFENSIVE_REBOUND * strength + TEAM_OFFENSIVE_REBOUND)
    other = np.flatnonzero(~own & ~own_team & (draw < 1 - TEAM_DEFENSIVE_REBOUND))
    mine = np.flatnonzero(own)
    scorer.credit("offensive_rebounds", row[mine], on[mine, _choose(rng, abilities.offensive_rebound[offence[mine]])])
    scorer.credit("defensive_rebounds", row[other] ^ 1, against[other, _choose(rng, abilities.defensive_rebound[defence[other]])])
    keeps: np.ndarray = own | own_team
    return keeps
