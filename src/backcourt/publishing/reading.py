"""The rows that files are made of, read from a warehouse. Only this module knows the names of tables and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, TypeVar

from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.field.markets import MARKETS
from backcourt.publishing.day import Day
from backcourt.publishing.rows import (
    Batch,
    DateCounts,
    DaySums,
    Forecast,
    Grade,
    GradedPick,
    LedgerModel,
    LinedRow,
    Outcome,
    Person,
    Pick,
    Quote,
    SeenForecast,
    SlateGame,
    SlatePlayer,
)
from backcourt.tables.ledger.current import current_one
from backcourt.tables.ledger.facts import latest

R = TypeVar("R")

# Of several forecasts of one row the newest stands.
_STANDING_FORECASTS = """
select * from (
    select *, row_number() over (
        partition by game_date, kind, system, market, player_id, game_id order by cutoff_at desc, created_at desc, forecast_id desc
    ) as place from forecasts
) as ranked where place = 1
"""
# Of several picks of one row the newest stands.
_STANDING_PICKS = """
select * from (
    select *, row_number() over (
        partition by game_date, game_id, player_id, market, kind order by published_at desc, pick_id desc
    ) as place from picks
) as ranked where place = 1
"""
_MODEL_NAMES = ("system", "market", "kind", "snapshot_id", "manifest_hash")
_RESULT = "case {market} " + " ".join(f"when '{market}' then o.{market}" for market in MARKETS) + " end"


def _some(values: Sequence[Any]) -> str:
    """Parameters for these values inside `in (...)`; NULL, which nothing equals, for none."""
    return ", ".join("?" for _ in values) or "null"


def _exact(expression: str) -> str:
    """A sum that doesn't depend on the order of its terms."""
    return f"cast(sum(cast({expression} as decimal(18, 9))) as double)"


class Reading:
    """The ledger, the schedule and the slate's context, over one open warehouse.

    `now` (UTC) bounds the quotes; `missed` are the targets that the last report card found missed.
    """

    def __init__(self, warehouse: Warehouse, now: datetime, missed: frozenset[str] = frozenset()) -> None:
        self._warehouse = warehouse
        self._now = now
        self.missed = missed
        if not warehouse.columns("forecasts"):
            raise BackcourtError("This home's ledger is empty; run `backcourt predict --date DATE`, then publish.")

    def _rows(self, kind: type[R], sql: str, parameters: Sequence[Any] = (), order: str = "") -> tuple[R, ...]:
        columns = ", ".join(field.name for field in fields(kind))  # type: ignore[arg-type]
        ordered = f" order by {order}" if order else ""
        return tuple(kind(*row) for row in self._warehouse.query(f"select {columns} from ({sql}) as rows_read{ordered}", parameters))

    # ---- one slate ------------------------------------------------------------------------------------------------

    def day(self, day: date) -> Day:
        """Everything about one slate."""
        picks = self._rows(Pick, "select * from picks where game_date = ?", [day], "pick_id")
        return Day(
            day,
            self.games(day, day),
            self._players(day),
            self._rows(Forecast, "select * from forecasts where game_date = ?", [day], "forecast_id"),
            picks,
            self._rows(Grade, "select * from grades where game_date = ?", [day], "grade_id"),
            self._outcomes(day),
            self._quotes(day),
            self._batches(sorted({pick.batch_id for pick in picks})),
            self._moved(day),
            self.missed,
        )

    def _moved(self, day: date) -> tuple[str, ...]:
        """Games that were forecast for this date and that the schedule now has on another."""
        found = self._warehouse.query(
            "select distinct f.game_id from forecasts f join games g on g.game_id = f.game_id "
            "where f.game_date = ? and g.game_date <> f.game_date order by 1",
            [day],
        )
        return tuple(str(row[0]) for row in found)

    def games(self, start: date, end: date) -> tuple[SlateGame, ...]:
        """The schedule's real games from `start` to `end`, inclusive."""
        return self._rows(
            SlateGame,
            "select g.*, r.is_final from games g left join results r on r.game_id = g.game_id where g.game_date between ? and ?",
            [start, end],
            "game_date, tip_at, game_id",
        )

    def _players(self, day: date) -> tuple[SlatePlayer, ...]:
        means = [f"f.{m.prefix}_mean_{window}" for window in ("last5", "last10", "season") for m in MARKETS.values()]
        found = self._warehouse.query(
            f"""
            with ranked as (
                select team_id, rank() over (order by defensive_rating_mean_last15) as place
                from team_defense_zone_analysis where game_date = ? and defensive_rating_mean_last15 is not null
            )
            select s.game_date, s.player_id, p.full_name, s.game_id, s.team_id, s.opponent_team_id, s.is_home,
                f.minutes_mean_last5, u.rest_days, u.is_back_to_back, ranked.place, {", ".join(means)}
            from slate_players s
            left join players p on p.player_id = s.player_id
            left join player_form f on f.game_date = s.game_date and f.player_id = s.player_id
            left join upcoming_player_game_context u on u.game_date = s.game_date and u.player_id = s.player_id
            left join ranked on ranked.team_id = s.opponent_team_id
            where s.game_date = ?
            order by s.player_id, s.game_id
            """,
            [day, day],
        )
        n = len(MARKETS)
        return tuple(
            SlatePlayer(*row[:11], *(dict(zip(MARKETS, row[11 + n * window : 11 + n * (window + 1)], strict=True)) for window in range(3)))
            for row in found
        )

    def _outcomes(self, day: date) -> tuple[Outcome, ...]:
        found = self._warehouse.query(
            f"select game_date, game_id, player_id, version, appeared, game_status, {', '.join(MARKETS)} from ({latest('outcomes')}) as o "
            "where game_date = ? order by game_id, player_id",
            [day],
        )
        return tuple(
            Outcome(day, game, player, version, appeared, status, dict(zip(MARKETS, results, strict=True)))
            for _, game, player, version, appeared, status, *results in found
        )

    def _quotes(self, day: date) -> tuple[Quote, ...]:
        """Each line of each book as last captured before the lock and before now; DFS operators make no offers."""
        return self._rows(
            Quote,
            """
            select
                *, over_price_decimal as over_price, under_price_decimal as under_price, is_main_line and main_place = 1 as is_main
            from (
                select book, market, player_id, game_id, line, over_price_decimal, under_price_decimal, captured_at, is_main_line,
                    row_number() over (
                        partition by book, market, player_id, game_id, cast(line as decimal(18, 9)) order by captured_at desc
                    ) as place,
                    row_number() over (
                        partition by book, market, player_id, game_id, is_main_line order by captured_at desc, line
                    ) as main_place
                from prop_quotes
                where game_date = ? and not is_dfs and player_id is not null and game_id is not null
                    and captured_at < lock_at and captured_at <= ?
            ) as seen where place = 1
            """,
            [day, self._now],
            "player_id, market, book, line",
        )

    def _batches(self, numbers: Sequence[int]) -> tuple[Batch, ...]:
        return self._rows(Batch, f"select * from batches where batch_id in ({_some(numbers)})", numbers, "batch_id")

    # ---- the whole ledger -----------------------------------------------------------------------------------------

    def data_through(self) -> date | None:
        """The last date whose games are all final, postponed or cancelled, at least one of them final."""
        found = self._warehouse.query(
            "select max(game_date) from (select g.game_date from games g left join results r on r.game_id = g.game_id "
            "group by g.game_date having count(case when r.is_final then 1 end) > 0 "
            "and count(case when g.status = 'scheduled' and not coalesce(r.is_final, false) then 1 end) = 0) as known"
        )
        last: date | None = found[0][0] if found else None
        return last

    def last_result_date(self) -> date | None:
        """The last date with a final result."""
        last: date | None = self._warehouse.query("select max(game_date) from results where is_final")[0][0]
        return last

    def last_due_date(self, locked_before: datetime) -> date | None:
        """The last date with a game that was to be played and locked before this moment."""
        found = self._warehouse.query("select max(game_date) from games where status = 'scheduled' and lock_at < ?", [locked_before])
        last: date | None = found[0][0]
        return last

    def written_at(self) -> dict[str, datetime]:
        """Ledger table -> when its newest batch was written."""
        return dict(self._warehouse.query("select table_name, max(created_at) from batches group by table_name order by 1"))

    def last_quote_at(self) -> datetime | None:
        """The newest capture of a quote before now."""
        last: datetime | None = self._warehouse.query("select max(captured_at) from prop_quotes where captured_at <= ?", [self._now])[0][0]
        return last

    def picks_open_since(self, locked_before: datetime) -> int:
        """Picks whose game locked before this moment and that have no final grade."""
        return int(
            self._warehouse.query(
                f"select count(*) from picks p join games on games.game_id = p.game_id "
                f"left join ({current_one()}) as g on g.game_date = p.game_date and g.subject_id = p.pick_id "
                "where games.lock_at < ? and coalesce(g.status, 'UNGRADED') = 'UNGRADED'",
                [locked_before],
            )[0][0]
        )

    def chain_breaks(self) -> int:
        """How many batches don't name the hash of the batch before them."""
        return int(
            self._warehouse.query(
                "select count(*) from (select previous_hash, lag(batch_hash) over (order by batch_id) as before from batches) as chain "
                "where before is not null and previous_hash is distinct from before"
            )[0][0]
        )

    def date_counts(self) -> tuple[DateCounts, ...]:
        """Forecasts, picks and picks with a final grade per date and kind."""
        return self._rows(
            DateCounts,
            f"""
            select game_date, kind, sum(forecasts)::bigint as forecasts, sum(picks)::bigint as picks, sum(graded)::bigint as graded from (
                select game_date, kind, 1 as forecasts, 0 as picks, 0 as graded from ({_STANDING_FORECASTS}) as f
                union all
                select p.game_date, p.kind, 0, 1, case when g.status <> 'UNGRADED' then 1 else 0 end
                from picks p left join ({current_one()}) as g on g.game_date = p.game_date and g.subject_id = p.pick_id
            ) as counted group by game_date, kind
            """,
            order="game_date, kind",
        )

    def game_counts(self) -> dict[date, int]:
        """Date -> games of the schedule that are or were to be played."""
        return dict(self._warehouse.query("select game_date, count(*) from games where status = 'scheduled' group by 1 order by 1"))

    def live_picks(self) -> tuple[GradedPick, ...]:
        """Every LIVE pick; no other kind can come from here."""
        return self._rows(
            GradedPick,
            f"""
            select p.*, games.season, g.status, g.units, g.clv_prob, g.close_quality, f.mean as forecast_mean,
                case when o.appeared then {_RESULT.format(market="p.market")} end as result
            from picks p
            join games on games.game_id = p.game_id
            left join ({current_one()}) as g on g.game_date = p.game_date and g.subject_id = p.pick_id
            left join forecasts f on f.game_date = p.game_date and f.forecast_id = p.forecast_id
            left join ({latest("outcomes")}) as o on o.game_date = p.game_date and o.game_id = p.game_id and o.player_id = p.player_id
            where p.kind = 'LIVE'
            """,
            order="game_date, pick_id",
        )

    def score_sums(self) -> tuple[DaySums, ...]:
        """Sums of scores by market, kind, system and date, over the rows that all systems of that market and kind scored."""
        return self._rows(
            DaySums,
            f"""
            with scored as (
                select f.market, f.kind, f.system, f.game_date, f.game_id, f.player_id, g.ae, g.crps, g.logs,
                    f.mean - {_RESULT.format(market="f.market")} as error,
                    case when {_RESULT.format(market="f.market")} between f.q10 and f.q90 then 1 else 0 end as covered
                from ({_STANDING_FORECASTS}) as f
                join ({current_one()}) as g on g.game_date = f.game_date and g.subject_id = f.forecast_id
                join ({latest("outcomes")}) as o on o.game_date = f.game_date and o.game_id = f.game_id and o.player_id = f.player_id
                where g.crps is not null and f.mean is not null and o.appeared
            ),
            compared as (select market, kind, count(distinct system) as systems from scored group by market, kind),
            counted as (
                select market, kind, game_date, game_id, player_id, count(*) as systems from scored
                group by market, kind, game_date, game_id, player_id
            ),
            common as (select counted.* from counted join compared using (market, kind, systems))
            select s.market, s.kind, s.system, s.game_date, count(*) as n, {_exact("s.ae")} as ae, {_exact("s.crps")} as crps,
                {_exact("s.logs")} as logs, {_exact("s.error")} as error, sum(s.covered)::bigint as covered
            from scored s join common using (market, kind, game_date, game_id, player_id)
            group by s.market, s.kind, s.system, s.game_date
            """,
            order="market, kind, system, game_date",
        )

    def lined_rows(self) -> tuple[LinedRow, ...]:
        """The newest pick of each row that has a line, a forecast of the market and a result that isn't the line."""
        return self._rows(
            LinedRow,
            f"""
            select p.market, p.kind, p.game_date, p.line, p.side, p.p_win, p.p_push, f.mean as market_mean, f.sd as market_sd,
                {_RESULT.format(market="p.market")} as result, p.pick_id
            from ({_STANDING_PICKS}) as p
            join ({_STANDING_FORECASTS}) as f on f.game_date = p.game_date and f.game_id = p.game_id and f.player_id = p.player_id
                and f.market = p.market and f.kind = p.kind and f.system = 'market' and f.mean is not null
            join ({latest("outcomes")}) as o on o.game_date = p.game_date and o.game_id = p.game_id and o.player_id = p.player_id
            where o.appeared and p.side is not null and p.p_win is not null and p.p_push < 1
                and {_RESULT.format(market="p.market")} <> p.line
            """,
            order="market, kind, game_date, pick_id",
        )

    def seen(self, players: Sequence[int], systems: Sequence[str]) -> tuple[SeenForecast, ...]:
        """All standing forecasts that these systems made of these players, with what came of them."""
        return self._rows(
            SeenForecast,
            f"""
            select f.*, games.season, lines.line, o.appeared, case when o.appeared then {_RESULT.format(market="f.market")} end as result,
                g.ae, g.crps, s.team_id, coalesce(r.is_final, false) as game_final
            from ({_STANDING_FORECASTS}) as f
            join games on games.game_id = f.game_id
            left join results r on r.game_id = f.game_id
            left join slate_players s on s.game_date = f.game_date and s.player_id = f.player_id
            left join ({_STANDING_PICKS}) as lines on lines.game_date = f.game_date and lines.game_id = f.game_id
                and lines.player_id = f.player_id and lines.market = f.market and lines.kind = f.kind
            left join ({current_one()}) as g on g.game_date = f.game_date and g.subject_id = f.forecast_id
            left join ({latest("outcomes")}) as o on o.game_date = f.game_date and o.game_id = f.game_id and o.player_id = f.player_id
            where f.player_id in ({_some(players)}) and f.system in ({_some(systems)})
            """,
            [*players, *systems],
            "player_id, market, game_date, game_id, system",
        )

    def people(self) -> tuple[Person, ...]:
        """Every player with a forecast, with his team in his newest one."""
        return self._rows(
            Person,
            """
            select f.player_id, p.full_name, p.position_group, f.team_id from (
                select f.player_id, s.team_id,
                    row_number() over (partition by f.player_id order by f.game_date desc, f.game_id desc) as place
                from (select distinct player_id, game_date, game_id from forecasts) as f
                left join slate_players s on s.game_date = f.game_date and s.player_id = f.player_id
            ) as f left join players p on p.player_id = f.player_id where f.place = 1
            """,
            order="player_id",
        )

    def players_on(self, days: Sequence[date]) -> set[int]:
        """Who is forecast on these dates."""
        found = self._warehouse.query(f"select distinct player_id from forecasts where game_date in ({_some(days)})", days)
        return {int(row[0]) for row in found}

    def player_seasons(self) -> set[tuple[int, str]]:
        """(player, season) of every forecast."""
        found = self._warehouse.query("select distinct f.player_id, games.season from forecasts f join games on games.game_id = f.game_id")
        return {(int(player), str(season)) for player, season in found}

    def models(self) -> tuple[LedgerModel, ...]:
        """Every model hash of the ledger."""
        found = self._warehouse.query(
            "select model_hash, min(game_date), max(game_date), count(*), max(created_at) from forecasts group by model_hash "
            "order by model_hash"
        )
        named: dict[str, dict[str, set[str]]] = {str(row[0]): {name: set() for name in _MODEL_NAMES} for row in found}
        for model, *values in self._warehouse.query(f"select distinct model_hash, {', '.join(_MODEL_NAMES)} from forecasts"):
            for name, value in zip(_MODEL_NAMES, values, strict=True):
                named[str(model)][name] |= {str(value)} if value is not None else set()
        models = []
        for model, first, last, count, at in found:
            systems, markets, kinds, snapshots, manifests = (tuple(sorted(names)) for names in named[str(model)].values())
            models.append(LedgerModel(model, systems, markets, kinds, first, last, count, snapshots, manifests, at))
        return tuple(models)
