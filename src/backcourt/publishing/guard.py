"""The completeness guard: what must hold of every slate before its files may replace those that are published.

A check returns sentences, each with what is wrong and where. A check that can't be made leaves the state unknown, and
unknown closes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from backcourt.publishing.day import Day
from backcourt.publishing.guard_verdict import GuardVerdict
from backcourt.publishing.names import tricode
from backcourt.publishing.reading import Reading

RESULT_DUE_AFTER = timedelta(hours=36)
"""A game whose lock lies further back has a result, or nobody loads results any more (predictions are then made from old form)."""


@dataclass(frozen=True)
class Background:
    """What the checks know beside the slate: the clock, the first date of the ledger, the newest result and those due."""

    now: datetime
    first_forecast_date: date | None
    last_result_date: date | None
    last_due_date: date | None
    published_rows: Mapping[str, str] = field(default_factory=dict)
    """The slate's published picks, pick_id -> hash."""


Check = Callable[[Day, Background], Iterable[str]]


def unique_players(day: Day, _: Background) -> Iterable[str]:
    """A forecast exists once per kind, system, market, player, game, cutoff and model, and a player plays one game a day."""
    keys = Counter((f.kind, f.system, f.market, f.player_id, f.game_id, f.cutoff_at, f.model_hash) for f in day.forecasts)
    for (kind, system, market, player, game, *_rest), count in sorted(keys.items()):
        if count > 1:
            yield f"{day.game_date}: player {player} has {count} {kind} forecasts of {system} in {market} for game {game}"
    games: dict[int, set[str]] = {}
    for forecast in day.said:
        games.setdefault(forecast.player_id, set()).add(forecast.game_id)
    listed = Counter(player.player_id for player in day.players)
    for player, found in sorted(games.items()):
        if len(found) > 1:
            yield f"{day.game_date}: player {player} is forecast in {len(found)} games, {', '.join(sorted(found))}"
        if listed[player] > 1:
            yield f"{day.game_date}: the slate lists player {player} {listed[player]} times"


def both_teams(day: Day, background: Background) -> Iterable[str]:
    """Every game that is to be played has forecasts of players of both teams."""
    if not _is_forecast(day, background):
        return
    teams = {(player.game_id, player.player_id): player.team_id for player in day.players}
    found: dict[str, set[int | None]] = {}
    for forecast in day.said:
        found.setdefault(forecast.game_id, set()).add(teams.get((forecast.game_id, forecast.player_id)))
    for game in day.games:
        missing = {game.home_team_id, game.away_team_id} - found.get(game.game_id, set())
        if game.is_to_be_played and game.game_id in found and missing:
            names = ", ".join(tricode(team) or str(team) for team in sorted(missing))
            yield f"{day.game_date}: game {game.game_id} has no forecast of {names}"


def games_as_scheduled(day: Day, background: Background) -> Iterable[str]:
    """The games forecast are the games of the schedule: none missing, none that isn't there."""
    if not _is_forecast(day, background):
        return
    scheduled = {game.game_id for game in day.games if game.is_to_be_played}
    known = {game.game_id for game in day.games} | set(day.moved)
    forecast = {f.game_id for f in day.said}
    missing, surplus = sorted(scheduled - forecast), sorted(forecast - known)
    if missing:
        yield f"{day.game_date}: {len(missing)} of {len(scheduled)} scheduled games have no forecast: {', '.join(missing)}"
    if surplus:
        yield f"{day.game_date}: game {', '.join(surplus)} is forecast but isn't in the schedule"


def final_grades_stand(day: Day, _: Background) -> Iterable[str]:
    """A final grade changes only with a later version of the outcome, by an appended grade; no version contradicts itself."""
    for subject, grades in sorted(day.grades_of.items()):
        by_time = sorted(grades, key=lambda g: (g.graded_at, g.outcome_version, g.is_final, g.grade_id))
        final = None
        for grade in by_time:
            if final is None or grade.grader_version > final.grader_version:
                final = grade if grade.is_final else final
            elif grade.outcome_version < final.outcome_version:
                yield f"{day.game_date}: {subject} went back from outcome {final.outcome_version} to {grade.outcome_version}"
            elif not grade.is_final:
                yield f"{day.game_date}: {subject} was {final.status} and became {grade.status}"
            elif grade.outcome_version == final.outcome_version and grade.status != final.status:
                yield f"{day.game_date}: {subject} changed from {final.status} to {grade.status} without a new outcome"
            else:
                final = grade


def published_picks_stand(day: Day, background: Background) -> Iterable[str]:
    """A pick that was published is in the ledger for ever, unchanged."""
    held = {pick.pick_id: pick.row_hash for pick in day.picks}
    for pick, hashed in sorted(background.published_rows.items()):
        if pick not in held:
            yield f"{day.game_date}: published pick {pick} is no longer in the ledger"
        elif held[pick] != hashed:
            yield f"{day.game_date}: published pick {pick} was changed in the ledger"


def clock_is_ahead(day: Day, background: Background) -> Iterable[str]:
    """Nothing in the ledger is from later than now: the clock would be wrong, and LIVE would mean nothing."""
    late = [at for at in (day.said_at, day.graded_at) if at is not None and at > background.now]
    if late:
        yield f"{day.game_date}: the ledger has rows of {max(late)} UTC, after now, {background.now} UTC"


def results_are_fresh(day: Day, background: Background) -> Iterable[str]:
    """A slate that hasn't locked is forecast from results that are up to date."""
    is_open = any(game.is_to_be_played and game.lock_at > background.now for game in day.games)
    due, known = background.last_due_date, background.last_result_date
    if is_open and due is not None and (known is None or known < due):
        yield f"{day.game_date}: results end on {known}, but the games of {due} were over long ago; ingest them, then predict again"


CHECKS: tuple[Check, ...] = (
    unique_players,
    both_teams,
    games_as_scheduled,
    final_grades_stand,
    published_picks_stand,
    clock_is_ahead,
    results_are_fresh,
)


class Guard:
    """Judges one slate after the other. A query that fails raises QueryError: then the state is unknown."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        counts = reading.date_counts()
        first = min((counted.game_date for counted in counts if counted.forecasts), default=None)
        self._background = Background(now, first, reading.last_result_date(), reading.last_due_date(now - RESULT_DUE_AFTER))
        breaks = reading.chain_breaks()
        self._failures = [f"{breaks} batches of the ledger don't follow the batch before them; run `backcourt verify`."] if breaks else []
        self._notices: list[str] = []

    def judges_well(self, day: Day, published_rows: Mapping[str, str]) -> bool:
        """May this slate's files replace the published ones? `published_rows` are the published picks, pick_id -> hash."""
        background = replace(self._background, published_rows=published_rows)
        found = [f"{sentence}." for check in CHECKS for sentence in check(day, background)]
        self._failures += found
        self._notices += _notices(day)
        return not found

    def verdict(self) -> GuardVerdict:
        """What was found in all slates so far."""
        return GuardVerdict(tuple(self._failures), tuple(self._notices))


def _is_forecast(day: Day, background: Background) -> bool:
    """Forecasts are expected of every date from the first that has any."""
    return background.first_forecast_date is not None and day.game_date >= background.first_forecast_date


def _notices(day: Day) -> Iterable[str]:
    off = [game.game_id for game in day.games if not game.is_to_be_played]
    if off:
        yield f"{day.game_date}: {len(off)} games are postponed or cancelled: {', '.join(off)}."
    if day.moved:
        yield f"{day.game_date}: {len(day.moved)} games were forecast and have since been moved to another date: {', '.join(day.moved)}."
    homeless = sum(player.team_id is None for player in day.players)
    if homeless:
        yield f"{day.game_date}: {homeless} listed players have no known team and no forecast."
    silent = sum(forecast.mean is None for forecast in day.shown.values())
    if silent:
        yield f"{day.game_date}: {silent} forecasts abstain."
