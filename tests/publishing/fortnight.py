"""A made-up fortnight: two teams play each day, everything is forecast, some of it is picked, all but the last day is graded.

Players, lines and results are invented; ledger and tables have the columns that their declarations state.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.engine.declare.statement import columns_of
from backcourt.field.markets import MARKETS
from backcourt.field.pmf import negative_binomial, over_push_under, quantiles
from backcourt.field.scores import crps, log_score
from backcourt.record.model_names import model_hash as ledger_hash
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb

NYK, CHI, BOS, LAL, DEN, MIA = 1610612752, 1610612741, 1610612738, 1610612747, 1610612743, 1610612748
NAMES = {
    101: ("Abel Åckerley", NYK), 102: ("Bram Balogun Jr.", NYK), 201: ("Cade Crane", CHI), 202: ("Dario D'Abney", CHI),
    301: ("Elias Ekholm", BOS), 302: ("Felix Falkner", BOS), 401: ("Goran Greaves", LAL), 402: ("Cade Crane", LAL),
}  # fmt: skip
LEVELS = {"points": 18.0, "rebounds": 6.0}
SYSTEMS = ("base_l5", "ensemble", "market", "market_blend")

FIRST, LAST = date.fromisoformat("2024-03-22"), date.fromisoformat("2024-04-05")
YESTERDAY = LAST - timedelta(days=1)
NOW = datetime.fromisoformat("2024-04-05T18:00:00")

TABLES = {
    "games": "resolved", "prop_quotes": "resolved", "slate_players": "analytics", "player_form": "analytics",
    "upcoming_player_game_context": "analytics", "team_defense_zone_analysis": "precompute", "forecasts": "ledger", "picks": "ledger",
    "outcomes": "ledger", "grades": "ledger", "batches": "ledger",
}  # fmt: skip


def hashed(*parts: object) -> str:
    """A stand-in for the ledger's hashes."""
    return sha256(repr(parts).encode()).hexdigest()


CARD = {
    "market": "points",
    "monday": "2024-04-01",
    "made_of": hashed("made of")[:16],
    "sha256": hashed("pickle"),
    "golden": {"ridge": [1.5]},
}


def model_hash(system: str) -> str:
    """The ledger's hash of a system of the week's models."""
    return ledger_hash(str(CARD["sha256"])[:16], str(CARD["made_of"]), system)


def keep_model(home: Path) -> None:
    """Keep the card of the fortnight's models in a home."""
    folder = home / "models" / "points" / "2024-04-01"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps(CARD))


class Fortnight:
    """The rows, table by table, to be changed by a test before they are stored."""

    def __init__(self, first: date = FIRST) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (*TABLES, "results", "players")}
        self._random = random.Random(7)
        self.rows["players"] = [{"player_id": player, "full_name": name, "position_group": "guard"} for player, (name, _) in NAMES.items()]
        day = first
        while day <= LAST:
            self._add_slate(day)
            day += timedelta(days=1)

    def _add_slate(self, day: date) -> None:
        matches = [(NYK, CHI)] if day < LAST else [(NYK, CHI), (BOS, LAL)]
        number = (day - FIRST).days
        for place, (home, away) in enumerate(matches):
            game = f"00223{number:03d}{place:02d}"
            tip = datetime.combine(day, datetime.min.time()) + timedelta(hours=23, minutes=30)
            self._add_game(day, game, home, away, tip, "scheduled")
            for player, (_, team) in NAMES.items():
                if team in (home, away):
                    self._add_player(day, game, player, team, away if team == home else home, team == home)
                    for market in LEVELS:
                        self._add_row(day, game, player, market, tip)
        if day == LAST:
            self._add_game(
                day, f"00223{number:03d}09", DEN, MIA, datetime.combine(day + timedelta(days=1), datetime.min.time()), "postponed"
            )
        for rank, team in enumerate((NYK, CHI, BOS, LAL, DEN, MIA)):
            self.rows["team_defense_zone_analysis"].append(
                {"game_date": day, "team_id": team, "defensive_rating_mean_last15": 108.0 + rank}
            )

    def _add_game(self, day: date, game: str, home: int, away: int, tip: datetime, status: str) -> None:
        self.rows["games"].append(
            {
                "game_date": day, "game_id": game, "season": "2023-24", "season_type": "regular", "tip_at": tip, "status": status,
                "home_team_id": home, "away_team_id": away, "lock_at": tip + timedelta(minutes=10),
            }
        )  # fmt: skip
        if day < LAST:
            self.rows["results"].append({"game_date": day, "game_id": game, "is_final": True})

    def _add_player(self, day: date, game: str, player: int, team: int, opponent: int, is_home: bool) -> None:
        key = {"game_date": day, "player_id": player}
        self.rows["slate_players"].append({**key, "game_id": game, "team_id": team, "opponent_team_id": opponent, "is_home": is_home})
        means = {
            f"{market}_mean_{window}": level + shift
            for market, level in LEVELS.items()
            for window, shift in (("last5", 1.2), ("last10", 0.5), ("season", 0.0))
        }
        self.rows["player_form"].append({**key, "game_id": game, "minutes_mean_last5": 31.4, **means})
        self.rows["upcoming_player_game_context"].append({**key, "game_id": game, "rest_days": 1, "is_back_to_back": True})

    def _add_row(self, day: date, game: str, player: int, market: str, tip: datetime) -> None:
        level = LEVELS[market] + player % 7 - 3
        line = float(int(level)) if player == 202 else int(level) + 0.5
        appeared = not (player == 102 and (day - FIRST).days % 5 == 4)
        result = max(0, int(self._random.gauss(level, level**0.5))) if appeared else None
        is_open = day == LAST
        if not is_open and market == "points":
            self._add_outcome(day, game, player, appeared)
        if not is_open and result is not None:
            self.rows["outcomes"][-1][market] = result
        lined = player != 401
        kind = "REPLAY" if day == FIRST else "LIVE"
        said_at = tip + timedelta(days=2) if kind == "REPLAY" else tip - timedelta(hours=8)
        shifts = {"base_l5": 1.2, "ensemble": 0.4, "market": 0.0, "market_blend": 0.1}
        for system in SYSTEMS:
            if system == "market" and not lined:
                continue
            self._add_forecast(day, game, player, market, system, level + shifts[system], kind, said_at, tip, result, is_open)
        self._add_pick(day, game, player, market, line if lined else None, kind, said_at, tip, result, is_open)
        for book, shift in (("alpha", 0.0), ("beta", 1.0)) if lined else ():
            self.rows["prop_quotes"].append(
                {
                    "game_date": day, "source_event_id": game, "book": book, "market": market, "player_name_raw": str(player),
                    "line": line + shift, "captured_at": tip - timedelta(hours=9), "game_id": game, "lock_at": tip + timedelta(minutes=10),
                    "player_id": player, "is_dfs": False, "over_price_decimal": 1.91, "under_price_decimal": 1.87, "is_main_line": True,
                }
            )  # fmt: skip

    def _add_outcome(self, day: date, game: str, player: int, appeared: bool) -> None:
        self.rows["outcomes"].append(
            {
                "game_date": day, "game_id": game, "player_id": player, "version": 1, "appeared": appeared, "game_status": "final",
                "source": "player_box", "known_at": self._morning_after(day),
            }
        )  # fmt: skip

    def _morning_after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), datetime.min.time()) + timedelta(hours=12)

    def _add_forecast(
        self, day: date, game: str, player: int, market: str, system: str, mean: float, kind: str, said_at: datetime, tip: datetime,
        result: int | None, is_open: bool,
    ) -> None:  # fmt: skip
        variance = 1.4 * mean
        pmf = negative_binomial(np.array([mean]), np.array([variance]), MARKETS[market].kmax)
        levels = quantiles(pmf, (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95))[0].tolist()
        names = ("q05", "q10", "q25", "median", "q75", "q90", "q95")
        identity = hashed(kind, system, market, player, game)[:32]
        self.rows["forecasts"].append(
            {
                "game_date": day, "forecast_id": identity, "kind": kind, "system": system, "market": market, "player_id": player,
                "game_id": game, "cutoff_at": tip - timedelta(hours=8), "model_hash": model_hash(system), "moment": "morning",
                "as_of_at": tip - timedelta(hours=8), "created_at": said_at, "lock_at": tip + timedelta(minutes=10),
                "snapshot_id": hashed(day)[:16], "manifest_hash": hashed("manifest")[:16], "point": levels[3], "mean": mean,
                "sd": variance**0.5, **dict(zip(names, levels, strict=True)), "p_play": 0.96, "n_eff": 40.0, "data_tier": "FULL",
                "run_id": f"predict-{day}", "row_hash": hashed("row", identity), "batch_id": (day - FIRST).days * 3 + 1,
            }
        )  # fmt: skip
        if is_open:
            return
        scores: dict[str, float] = {}
        if result is not None:
            actual = np.array([result])
            scores = {
                "ae": abs(levels[3] - result), "crps": float(crps(pmf, actual)[0]), "logs": float(log_score(pmf, actual)[0]), "pit": 0.5,
            }  # fmt: skip
        status, reason = ("NO_ACTION", "scored") if result is not None else ("VOID", "did_not_play")
        self.add_grade("forecast", identity, day, game, status, reason, **scores)

    def _add_pick(
        self, day: date, game: str, player: int, market: str, line: float | None, kind: str, said_at: datetime, tip: datetime,
        result: int | None, is_open: bool,
    ) -> None:  # fmt: skip
        forecast = hashed(kind, "market_blend", market, player, game)[:32]
        identity = hashed("pick", forecast)[:32]
        action = "NO_LINE" if line is None else {101: "BET", 201: "LEAN", 202: "LEAN", 301: "BET"}.get(player, "PASS")
        side = None if line is None else ("over" if (player + (day - FIRST).days) % 2 else "under")
        said: dict[str, Any] = {}
        price = 1.91 if side == "over" else 1.87
        if line is not None and side is not None:
            mean = np.array([LEVELS[market] + player % 7 - 3 + 0.1])
            over, push, under = (
                float(p[0]) for p in over_push_under(negative_binomial(mean, 1.4 * mean, MARKETS[market].kmax), np.array([line]))
            )
            p_win = over if side == "over" else under
            ev = p_win * price + push - 1
            said = {
                "book": "alpha", "line": line, "captured_at": tip - timedelta(hours=9), "lead_seconds": 9 * 3600 + 600, "side": side,
                "price": price, "p_win": p_win, "p_push": push, "ev": ev, "ev_low": ev - 0.05, "break_even": 1 / price,
            }  # fmt: skip
        self.rows["picks"].append(
            {
                "game_date": day, "pick_id": identity, "forecast_id": forecast, "market": market, "player_id": player, "game_id": game,
                **said, "action": action, "reason": "no_line" if line is None else f"said_{action.lower()}", "policy_version": "1",
                "circumstances": None if line is None else '[["opponent_defense", -0.62], ["is_home", 0.31]]',
                "published_at": said_at, "kind": kind, "run_id": f"predict-{day}", "row_hash": hashed("row", identity),
                "batch_id": (day - FIRST).days * 3 + 2,
            }
        )  # fmt: skip
        if is_open:
            return
        if action in ("PASS", "NO_LINE"):
            self.add_grade("pick", identity, day, game, "NO_ACTION", action.lower())
        elif result is None or line is None:
            self.add_grade("pick", identity, day, game, "VOID", "did_not_play", units=0.0)
        elif result == line:
            self.add_grade("pick", identity, day, game, "PUSH", "settled", units=0.0)
        else:
            is_won = (result > line) == (side == "over")
            self.add_grade(
                "pick", identity, day, game, "WON" if is_won else "LOST", "settled", units=price - 1 if is_won else -1.0, clv_line=0.0,
                clv_prob=0.01, close_quality="NEAR",
            )  # fmt: skip

    def add_grade(self, subject_kind: str, subject: str, day: date, game: str, status: str, reason: str, **more: Any) -> dict[str, Any]:
        """One grade of outcome version 1, written on the morning after."""
        version, after = more.pop("outcome_version", 1), more.pop("graded_at", self._morning_after(day))
        row = {
            "game_date": day, "grade_id": hashed("grade", subject, version, status, str(after))[:32], "game_id": game,
            "subject_kind": subject_kind, "subject_id": subject, "outcome_version": version, "rule_set": "house", "grader_version": 1,
            "status": status, "reason": reason, "graded_at": after, "row_hash": hashed("row", subject, version, status),
            "batch_id": (day - FIRST).days * 3 + 3, **more,
        }  # fmt: skip
        self.rows["grades"].append(row)
        return row

    def _add_batches(self) -> None:
        previous = "0" * 64
        for number in range(1, (LAST - FIRST).days * 3 + 3):
            day = FIRST + timedelta(days=(number - 1) // 3)
            table = ("forecasts", "picks", "grades")[(number - 1) % 3]
            own = hashed("batch", number)
            at = (
                self._morning_after(day)
                if table == "grades"
                else datetime.combine(day, datetime.min.time()) + timedelta(hours=15, minutes=30)
            )
            self.rows["batches"].append(
                {
                    "game_date": day, "batch_id": number, "previous_hash": previous, "batch_hash": own, "table_name": table, "kind": "LIVE",
                    "rows": 1, "row_hashes": "", "anchored": "unanchored", "run_id": "run", "created_at": at,
                }
            )  # fmt: skip
            previous = own

    def store(self, file: Path | str = ":memory:") -> DuckDBWarehouse:
        """A warehouse that holds the rows."""
        self._add_batches()
        warehouse = open_duckdb(file)
        warehouse.query("create table results (game_date date, game_id varchar, is_final boolean)")
        warehouse.query("create table players (player_id bigint, full_name varchar, position_group varchar)")
        for name, package in TABLES.items():
            declared = columns_of(importlib.import_module(f"backcourt.tables.{package}.{name}").table.sql)
            warehouse.query(f"create table {name} ({', '.join(f'{column.name} {column.type}' for column in declared)})")
        for name, rows in self.rows.items():
            insert(warehouse, name, rows)
        return warehouse


def insert(warehouse: DuckDBWarehouse, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows; a column that a row doesn't name is NULL."""
    listed = list(rows)
    names = sorted({name for row in listed for name in row})
    warehouse.insert(table, names, [tuple(row.get(name) for name in names) for row in listed])
