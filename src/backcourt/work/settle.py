"""What a person settles about what came in: held versions, who a name is, which game an event is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from backcourt.engine.build import intake
from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.field.names import normalise_name
from backcourt.home import Home
from backcourt.home.custody import Work
from backcourt.home.player_day import player_called
from backcourt.sources import decision_log, held, identities, settling
from backcourt.sources.decisions import DROP, TAKE
from backcourt.sources.held import Held
from backcourt.sources.identities import ANY_DATE, ANY_SOURCE, EventDecision, NameDecision
from backcourt.sources.touched import Touched
from backcourt.tables.declared import sources
from backcourt.work.waive import user

_OF_THE_EVENT = {
    raw: f"select group_key from raw_groups where raw = '{raw}' and split_part(group_key, '|', 1) = "
    for raw in ("raw_odds_events", "raw_prop_quotes", "raw_game_line_quotes")
}


@dataclass(frozen=True)
class SettledByHand:
    """What was settled, in one line, and which relations it touched."""

    sentence: str
    relations: tuple[str, ...]


def list_held(home: Home) -> list[Held]:
    """The versions that don't count although they are the newest, or of the better source; from the read snapshot."""
    with home.reading() as warehouse:
        return held.held(warehouse)


def settle_held(home: Home, name: str, *, take: bool, reason: str = "", author: str | None = None) -> SettledByHand:
    """Let what is held under a name (an id, a game or a file of `held`) count from now on, or never.

    Raises BackcourtError where nothing held is called so.
    """
    with home.reading() as warehouse:
        held.named(held.held(warehouse), name)
    with home.writing("held") as work:
        chosen = held.named(held.held(work.warehouse), name)
        verb, told = (TAKE, "counts") if take else (DROP, "is dropped")
        found = [one.decided(verb, reason, author or user(), clock.now()) for one in chosen]
        files = ", ".join(sorted({one.file for one in chosen}))
        sentence = f"{len(chosen)} version(s) of {files}: each {told} from now on"

        def decide(touched: Touched) -> None:
            settling.decide(work.warehouse, touched, found)

        for one in found:
            decision_log.note(home.layout.decisions_file, one)
        return _settled(home, work, decide, sentence)


def alias(
    home: Home, name: str, player: str | None, *, source: str | None = None, start: date | None = None, author: str | None = None
) -> SettledByHand:
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
    where = (normalised, source or ANY_SOURCE, start or ANY_DATE)
    with home.writing("alias") as work:
        before = identities.of_name(work.warehouse, *where)
        if before == number:
            raise BackcourtError(f"{name!r} is {called} already; nothing was changed.")
        decision = NameDecision(name, *where, number, author or user(), clock.now())
        sentence = f"{name!r} is {called} ({number})" if number else f"{name!r} is no longer settled"
        decision_log.note(home.layout.decisions_file, decision)

        def decide(touched: Touched) -> None:
            identities.write(work.warehouse, decision)

        return _settled(home, work, decide, sentence, ("player_aliases",))


def map_event(home: Home, event: str, game: str | None, *, author: str | None = None) -> SettledByHand:
    """Settle that a betting feed's event is a game; `game` None takes that back.

    Raises BackcourtError for an event or a game that isn't known, and when there is nothing to change.
    """
    with home.reading() as warehouse:
        _require_event(warehouse, event)
        if game is not None:
            _require_game(warehouse, game)
    with home.writing("map") as work:
        if identities.of_event(work.warehouse, event) == game:
            raise BackcourtError(f"Event {event} is {game or 'not settled'} already; nothing was changed.")
        decision = EventDecision(event, game, author or user(), clock.now())
        decision_log.note(home.layout.decisions_file, decision)

        def decide(touched: Touched) -> None:
            for raw, groups in _OF_THE_EVENT.items():
                touched.note(raw, f"{groups}'{event.replace(chr(39), chr(39) * 2)}'")
            identities.write(work.warehouse, decision)

        sentence = f"event {event} is game {game}" if game else f"event {event} is no longer settled"
        return _settled(home, work, decide, sentence)


def _settled(home: Home, work: Work, decide: Callable[[Touched], None], sentence: str, undated: tuple[str, ...] = ()) -> SettledByHand:
    """One transaction: the decision, the choice of versions that follows from it, and the receipts of the relations."""
    with work.warehouse.transaction():
        touched = Touched(work.warehouse, sources(home.path))
        decide(touched)
        settling.settle(work.warehouse, touched)
        relations = {**touched.relations(), **dict.fromkeys(undated)}
        intake.record(work.warehouse, home.catalog, relations, work.run_id, clock.now())
    work.job.ends(0, sentence)
    return SettledByHand(sentence, tuple(relations))


def _require_event(warehouse: Warehouse, event: str) -> None:
    if not warehouse.query("select source_event_id from odds_events where source_event_id = ? limit 1", [event]):
        raise BackcourtError(f"No feed has an event {event!r}; `backcourt gaps` lists those that no game was found for.")


def _require_game(warehouse: Warehouse, game: str) -> None:
    if not warehouse.query("select game_id from schedule where game_id = ?", [game]):
        raise BackcourtError(f"The schedule has no game {game!r}; give the NBA's ten digits.")
