"""A warehouse with hand-made games, boxes, slates and quotes, and shortcuts to say something about them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from backcourt.engine.judge import records
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.policy import Policy
from backcourt.engine.judge.receipts import Measure, make_receipt
from backcourt.engine.judge.situation import Situation
from backcourt.record.writer import Appended, append
from backcourt.tables import declared as declarations
from backcourt.warehouses.duckdb.warehouse import open_duckdb
from tests.plain_relations import CATALOG, _columns

DAY = date(2024, 1, 10)
LOCK = datetime.fromisoformat("2024-01-11T00:30:00")
"""UTC: the evening of DAY in the East, and already the next date in UTC."""

MORNING = datetime.fromisoformat("2024-01-10T15:00:00")
TAKEN = datetime.fromisoformat("2024-01-10T14:30:00")
"""UTC: when the line of a pick stood, unless told."""

AFTER = datetime.fromisoformat("2024-01-11T14:00:00")
GAME = "0022300500"
HOME, AWAY = 1610612738, 1610612752
_BUILT = ("games", "slate_players", "prop_quotes")


class Evening:
    """Two teams, one game unless more are added; nothing is known of it but its schedule. A folder that holds one is opened again."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = open_duckdb(folder / "evening.duckdb", threads=1)
        self.now = MORNING
        if self.warehouse.columns("schedule"):
            return
        with self.warehouse.transaction():
            for name, columns in _columns().items():
                self.warehouse.query(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
            for name in _BUILT:
                self.warehouse.query(f"create table {name} ({', '.join(f'{c.name} {c.type}' for c in CATALOG[name].columns)})")
        records.create(self.warehouse)
        with self.warehouse.transaction():
            self.add_game()

    def add(self, relation: str, **values: Any) -> None:
        """One row; what isn't given is NULL."""
        self.warehouse.insert(relation, tuple(values), [tuple(values.values())])

    def add_game(self, game_id: str = GAME, day: date = DAY, lock: datetime = LOCK, status: str = "scheduled", **more: Any) -> None:
        """A game of the two teams."""
        shared = {"game_date": day, "game_id": game_id, "season": "2023-24", "season_type": "regular", "status": status}
        teams = {"home_team_id": HOME, "away_team_id": AWAY, "tip_at": lock, "is_neutral_site": False}
        self.add("schedule", **shared, **teams, is_real_game=True, **more)
        self.add("games", **shared, **teams, lock_at=lock)

    def list_player(self, player_id: int, game_id: str = GAME, day: date = DAY, team_id: int | None = HOME) -> None:
        """The slate names a player; run `slate_is_built` when it names all."""
        self.add("slate_players", game_date=day, player_id=player_id, game_id=game_id, team_id=team_id)

    def slate_is_built(self, day: date = DAY, withheld: dict[str, str] | None = None) -> None:
        """The receipt of the slate, as a run leaves it."""
        rows = self.warehouse.query("select game_id, count(*) from slate_players where game_date = ? group by 1", [day])
        games = {str(game): int(count) for game, count in rows}
        receipt = make_receipt(
            "slate_players", day, Measure(sum(games.values()), "0", games), withheld or {}, "", ("", "", ""), "run", MORNING
        )
        records.write(self.warehouse, "slate_players", [receipt])

    def finish(self, game_id: str = GAME, day: date = DAY, **boxes: dict[str, Any]) -> None:
        """The game is final; `boxes` are player lines (p101=...), and each team has at least the line of a stranger."""
        self.add("results", game_date=day, game_id=game_id, is_final=True, is_live=False, home_points=100, away_points=90)
        for player, team in ((901, HOME), (902, AWAY)):
            self.box(player, game_id, day, team_id=team)
        for name, line in boxes.items():
            self.box(int(name[1:]), game_id, day, **line)

    def box(self, player_id: int, game_id: str = GAME, day: date = DAY, **line: Any) -> None:
        """One player's line: played, 0 everywhere, no exact seconds, unless told."""
        values = {
            "team_id": HOME, "appearance": "played", "minutes": 30.0, "minutes_precision": "minute", "seconds_played": None, "points": 0,
            "rebounds": 0, "assists": 0, "three_makes": 0,
        } | line  # fmt: skip
        self.add("player_box", game_date=day, game_id=game_id, player_id=player_id, **values)

    def quote(
        self, player_id: int, book: str, line: float, over: float | None, under: float | None, at: datetime | None, **more: Any
    ) -> None:
        """A quote with decimal prices."""
        values = {
            "game_date": DAY, "source_event_id": "e", "book": book, "market": "points", "player_name_raw": f"Player {player_id}",
            "line": line, "captured_at": at, "game_id": GAME, "lock_at": LOCK, "player_id": player_id, "is_dfs": False,
            "over_price_decimal": over, "under_price_decimal": under, "capture_phase": "pre_tip" if at else "unknown",
            "over_price": None if over is None else 100, "under_price": None if under is None else 100, "is_main_line": True,
        } | more  # fmt: skip
        self.add("prop_quotes", **values)

    # ---- saying something -------------------------------------------------------------------------------------------------------

    def situation(self, *, exact: bool = False) -> Situation:
        """A fresh reading, at `now`."""
        calendar = Calendar.read(self.warehouse, declarations.CALENDAR_SQL, self.now.date(), self.now)
        return Situation(self.warehouse, CATALOG, calendar, Policy(), exact=exact, now=self.now)

    def append(self, table: str, rows: list[dict[str, Any]], **words: Any) -> Appended:
        """Append rows given as dictionaries of the same keys."""
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        options = {"run_id": "test", "now": self.now, "fingerprint": "m1", "inputs_hash": "s1"} | words
        return append(self.warehouse, self.situation(), table, columns, **options)

    def forecast(self, *players: int, **changes: Any) -> Appended:
        """One forecast of points for each player."""
        return self.append("forecasts", [forecast_row(player, **changes) for player in players])

    def pick(self, player_id: int, line: float | None = 20.5, side: str | None = "over", **changes: Any) -> str:
        """A forecast and a pick on it; the pick's id."""
        given = {key: changes.pop(key) for key in ("system", "game_id", "game_date", "lock_at", "market", "cutoff_at") if key in changes}
        (forecast_id,) = self.forecast(player_id, **given).ids
        same = {key: value for key, value in given.items() if key in ("game_id", "game_date", "market")}
        return self.append("picks", [pick_row(player_id, forecast_id, line, side, **same, **changes)]).ids[0]

    def state(self, table: str, day: date = DAY) -> Partition | None:
        """The partition's state, measured exactly."""
        return self.situation(exact=True).of(CATALOG[table]).get(day)


def forecast_row(player_id: int, **changes: Any) -> dict[str, Any]:
    """A forecast of 20 points, standard deviation 6."""
    return {
        "game_date": DAY, "kind": "LIVE", "system": "market_blend", "market": "points", "player_id": player_id, "game_id": GAME,
        "cutoff_at": MORNING, "model_hash": "m1", "moment": "morning", "as_of_at": MORNING, "lock_at": LOCK, "snapshot_id": "s1",
        "manifest_hash": "f1", "point": 19.8, "mean": 20.0, "median": 19.8, "sd": 6.0, "q05": 10.9, "q10": 12.6, "q25": 15.7, "q75": 23.8,
        "q90": 27.9, "q95": 30.5, "p_play": 0.9, "n_eff": 40.0, "data_tier": "FULL", "abstain_reason": None, "pmf_file": None,
        "pmf_sha256": None,
    } | changes  # fmt: skip


def pick_row(player_id: int, forecast_id: str, line: float | None = 20.5, side: str | None = "over", **changes: Any) -> dict[str, Any]:
    """A bet at a decimal price of 1.9, seen half an hour before the morning's run."""
    has_line = line is not None
    at = changes.setdefault("captured_at", TAKEN) if has_line else None
    lead = None if at is None else int((LOCK - at).total_seconds())
    return {
        "game_date": DAY, "forecast_id": forecast_id, "market": "points", "player_id": player_id, "game_id": GAME,
        "book": "draftkings" if has_line else None, "line": line, "captured_at": at,
        "lead_seconds": lead, "side": side if has_line else None, "price": 1.9 if has_line else None,
        "p_win": 0.55 if has_line else None, "p_push": 0.0 if has_line else None, "ev": 0.045 if has_line else None,
        "ev_low": 0.01 if has_line else None, "break_even": 1 / 1.9 if has_line else None, "action": "BET" if has_line else "NO_LINE",
        "reason": "ev_low_above_0" if has_line else "no_line", "policy_version": "1",
        "circumstances": '[["is_home", 0.4]]' if has_line else None,
    } | changes  # fmt: skip
