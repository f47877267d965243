"""What a person decides about what came in: held versions, who a name is, which game an event is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from backcourt.engine.build import intake
from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.field.names import normalise_name
from backcourt.field.teams import code
from backcourt.home import Home
from backcourt.home.custody import Work
from backcourt.home.player_day import player_called
from backcourt.sources import decision_log, held, meanings, rechoosing
from backcourt.sources.decision_log import AnyDecision
from backcourt.sources.decisions import DROP, OPEN, TAKE
from backcourt.sources.held import Held
from backcourt.sources.meanings import ANY_DATE, ANY_SOURCE, EventDecision, NameDecision
from backcourt.sources.touched import Touched
from backcourt.tables.declared import sources
from backcourt.work.waive import user

_OF_THE_EVENT = {
    raw: f"select group_key from raw_groups where raw = '{raw}' and split_part(group_key, '|', 1) = "
    for raw in ("raw_odds_events", "raw_prop_quotes", "raw_game_line_quotes")
}


@dataclass(frozen=True)
class Decided:
    """What was decided, in one line, and which relations it touched; none where nothing was changed."""

    sentence: str
    relations: tuple[str, ...]


def list_held(home: Home) -> list[Held]:
    """The versions that don't count although they are the newest, or of the better source; from the read snapshot."""
    with home.reading() as warehouse:
        return held.held(warehouse)


_WORDS = {TAKE: "counts", DROP: "is dropped", OPEN: "is judged as if nobody had decided"}


def decide_held(home: Home, name: str, *, word: str, reason: str = "", author: str | None = None) -> Decided:
    """Let what is held under a name (an id, a game or a file) count from now on (`take`), or never (`drop`).

    `open` takes back either. Raises BackcourtError where nothing is called so.
    """
    with home.reading() as warehouse:
        _meant(warehouse, name, word)
    with home.writing("held") as work:
        # Somebody else may have been faster.
        meant = _meant(work.warehouse, name, word)
        if not meant:
            return _unchanged(work, f"what is called {name!r} {_WORDS[word]} already")
        found = [one.decided(word, reason, author or user(), clock.now()) for one in meant]
        files = ", ".join(sorted({one.file for one in meant}))

        def decide(touched: Touched) -> None:
            rechoosing.decide(work.warehouse, touched, found)

        return _decided(home, work, found, decide, f"{len(meant)} version(s) of {files}: each {_WORDS[word]} from now on")


def _meant(warehouse: Warehouse, name: str, word: str) -> list[Held]:
    """What is called so and isn't as the word has it. Raises BackcourtError where nothing is called so."""
    decided = {word: held.decided(warehouse, word) for word in (TAKE, DROP)}
    known = [one for found in decided.values() for one in found] + ([] if word == OPEN else held.held(warehouse))
    already = decided.get(word, [])
    return [one for one in held.named(known, name) if one not in already]


def alias(
    home: Home, name: str, player: str | None, *, source: str | None = None, start: date | None = None, author: str | None = None
) -> Decided:
    """Settle that a feed's spelling is a player (his number, or his name in the boxes); `player` None takes that back.

    It holds for the quotes of `source` (a format's name; None: any) of dates from `start` on. Raises BackcourtError for
    a player or source that isn't known, and when there is nothing to take back.
    """
    normalised = normalise_name(name)
    if not normalised:
        raise BackcourtError(f"{name!r} holds no name; give it as the feed spells it.")
    known = sources(home.path).feeds
    if source is not None and source not in known:
        raise BackcourtError(f"There is no source {source!r}; known are {', '.join(known)}.")
    with home.reading() as warehouse:
        number, called = player_called(warehouse, player) if player is not None else (None, "nobody in particular")
        if number is not None:
            _require_spelling(warehouse, name, normalised)
            _require_nobody_else(warehouse, name, normalised, number, source)
    where = (normalised, source or ANY_SOURCE, start or ANY_DATE)
    with home.writing("alias") as work:
        before = meanings.of_name(work.warehouse, *where)
        if before == number and number is not None:
            return _unchanged(work, f"{name!r} is {called} already")
        if before == number:
            raise BackcourtError(_nothing_to_change(work.warehouse, name, normalised))
        decision = NameDecision(name, *where, number, author or user(), clock.now())
        within = (f" in the words of {source}" if source else "") + (f" from {start} on" if start else "")
        sentence = f"{name!r} is {called} ({number}){within}" if number else f"{name!r}{within} is no longer settled"

        def decide(touched: Touched) -> None:
            meanings.write(work.warehouse, decision)

        return _decided(home, work, [decision], decide, sentence, undated=("player_aliases",))


def map_event(home: Home, event: str, game: str | None, *, author: str | None = None) -> Decided:
    """Settle that a betting feed's event is a game; `game` None takes that back.

    Raises BackcourtError for an event or a game that isn't known, and when there is nothing to change.
    """
    with home.reading() as warehouse:
        _require_event(warehouse, event)
        if game is not None:
            _require_game(warehouse, event, game)
    with home.writing("map") as work:
        if meanings.of_event(work.warehouse, event) == game:
            if game is None:
                raise BackcourtError(f"Event {event} isn't settled, so there is nothing to take back.")
            return _unchanged(work, f"event {event} is game {game} already")
        decision = EventDecision(event, game, author or user(), clock.now())

        def decide(touched: Touched) -> None:
            for raw, groups in _OF_THE_EVENT.items():
                touched.note(raw, f"{groups}'{event.replace(chr(39), chr(39) * 2)}'")
            meanings.write(work.warehouse, decision)

        sentence = f"event {event} is game {game}" if game else f"event {event} is no longer settled"
        return _decided(home, work, [decision], decide, sentence)


def _decided(
    home: Home,
    work: Work,
    decisions: Sequence[AnyDecision],
    decide: Callable[[Touched], None],
    sentence: str,
    *,
    undated: tuple[str, ...] = (),
) -> Decided:
    """In the log first, then in one transaction with what follows: the choice of versions, the receipts of the relations."""
    for one in decisions:
        decision_log.note(home.layout.decisions_file, one)
    with work.warehouse.transaction():
        touched = Touched(work.warehouse, sources(home.path))
        decide(touched)
        rechoosing.choose_again(work.warehouse, touched)
        relations = {**touched.relations(), **dict.fromkeys(undated)}
        intake.record(work.warehouse, home.catalog, relations, work.run_id, clock.now())
    work.job.ends(0, sentence)
    return Decided(sentence, tuple(relations))


def _unchanged(work: Work, sentence: str) -> Decided:
    told = f"{sentence}; nothing was changed"
    work.job.ends(0, told)
    return Decided(told, ())


def _require_event(warehouse: Warehouse, event: str) -> None:
    if not warehouse.query("select source_event_id from odds_events where source_event_id = ? limit 1", [event]):
        raise BackcourtError(f"No feed has an event {event!r}; `backcourt gaps` lists those that no game was found for.")


def _require_game(warehouse: Warehouse, event: str, game: str) -> None:
    """The game must be one of the event's two teams: only its date may be another."""
    found = warehouse.query("select home_team_id, away_team_id, game_date from schedule where game_id = ?", [game])
    if not found:
        raise BackcourtError(f"The schedule has no game {game!r}; give the NBA's ten digits.")
    ((home_id, away_id, day),) = found
    ((listed_home, listed_away, listed_day),) = warehouse.query(
        "select min(home_team_id), min(away_team_id), min(commence_date) from raw_odds_events where source_event_id = ?",
        [event],
    )
    if {home_id, away_id} != {listed_home, listed_away}:
        raise BackcourtError(
            f"Event {event} is {code(listed_away)} at {code(listed_home)} on {listed_day}, game {game} is "
            f"{code(away_id)} at {code(home_id)} on {day}; give a game of these two teams."
        )


def _require_spelling(warehouse: Warehouse, name: str, normalised: str) -> None:
    if not warehouse.query("select 1 from prop_quote_captures where player_name_normalised = ? limit 1", [normalised]):
        raise BackcourtError(f"No feed spells a player {name!r}; `backcourt gaps` lists the names without a player.")


def _require_nobody_else(warehouse: Warehouse, name: str, normalised: str, number: int, source: str | None) -> None:
    """Somebody's own name means him, unless one source is known to mean another."""
    found = warehouse.query("select player_id from players where name_normalised = ? and player_id <> ?", [normalised, number])
    if len(found) == 1 and source is None:
        raise BackcourtError(
            f"{name!r} is the name of another player in the boxes ({found[0][0]}); if one format means somebody else by it, "
            "say which by --source."
        )


def _nothing_to_change(warehouse: Warehouse, name: str, normalised: str) -> str:
    standing = [
        f"in the words of {source or 'any source'} from {start} on" if start > ANY_DATE else f"in the words of {source or 'any source'}"
        for source, start in meanings.standing_of(warehouse, normalised)
    ]
    told = f"; it is decided {', and '.join(standing)}: name that by --source and --from" if standing else ""
    return f"{name!r} isn't decided so, and there is nothing to take back{told}."
