"""A toy league with two source relations and three tables: small enough to work out every state by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from backcourt.engine.build import intake
from backcourt.engine.build.chunk import Attempt
from backcourt.engine.build.run import Runner, RunOptions, RunSummary
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Catalog, Node, _node
from backcourt.engine.declare.checks import between, not_null
from backcourt.engine.declare.statement import StatementCache
from backcourt.engine.declare.table import AFTER_GAME, ALWAYS, AS_OF, Relation, Table, before, captured, keys, same
from backcourt.engine.judge import receipts, records
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.policy import Policy
from backcourt.engine.judge.situation import Situation
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb

CALENDAR = "select game_date, game_id, season, 'regular', status, lock_at from fixtures order by 1, 2"
NOW = datetime.fromisoformat("2024-01-01T12:00:00")
TEAMS = (1, 2, 3, 4)

fixtures = Relation("select * from raw_fixtures", ("game_id",), ALWAYS)
scores = Relation("select * from raw_scores", ("game_id", "team_id"), AFTER_GAME, games="final")
prices = Relation("select * from raw_prices", ("game_id", "captured_at"), captured("captured_at"))

SUMMARY_SQL = """
select
    s.game_date::date as game_date,      -- date of the game
    s.game_id::varchar as game_id,       -- game
    s.team_id::bigint as team_id,        -- team
    f.season::varchar as season,         -- season
    s.points::bigint as points,          -- points scored
    (s.points * 2)::bigint as double_points,  -- twice the points
from scores s
join fixtures f on f.game_id = s.game_id
"""

FORM_SQL = """
with sides as (
    select game_date, game_id, season, home_id as team_id from fixtures
    union all
    select game_date, game_id, season, away_id as team_id from fixtures
)
select
    d.game_date::date as game_date,      -- date of the game to come
    d.game_id::varchar as game_id,       -- game
    d.team_id::bigint as team_id,        -- team
    d.season::varchar as season,         -- season
    count(p.points)::bigint as games_season,                  -- games before this one
    (sum(p.points)::double / nullif(count(p.points), 0))::double as points_mean_season,  -- their mean points [null: mean]
    (case when count(p.points) = 0 then 'no_games_in_window' end)::varchar as mean_null_reason,  -- why there is no mean
from sides d
left join summary p on p.team_id = d.team_id and p.season = d.season and p.game_date < d.game_date
group by d.game_date, d.game_id, d.team_id, d.season
"""

CONTEXT_SQL = """
with latest as (
    select q.game_id, max(q.price) as price
    from prices q
    join fixtures g on g.game_id = q.game_id and q.captured_at < g.lock_at
    group by q.game_id
)
select
    f.game_date::date as game_date,      -- date of the game to come
    f.game_id::varchar as game_id,       -- game
    f.team_id::bigint as team_id,        -- team
    f.points_mean_season::double as points_mean_season,  -- as in form [null: mean]
    f.mean_null_reason::varchar as mean_null_reason,  -- as in form
    l.price::bigint as price,            -- highest price before the lock [null: price]
    (case when l.price is null then 'no_source' end)::varchar as price_null_reason,  -- why there is no price
from form f
left join latest l on l.game_id = f.game_id
join fixtures x on x.game_id = f.game_id
"""

_SIDES = "select game_date, game_id, home_id as team_id from fixtures union all select game_date, game_id, away_id as team_id from fixtures"


def tables() -> dict[str, Table]:
    """The three tables, as declarations that a test may change."""
    return {
        "summary": Table(
            phase=3,
            grain=("game_date", "team_id"),
            reads={"scores": same(), "fixtures": same()},
            sql=SUMMARY_SQL,
            expects=keys(_SIDES),
            checks=[between("points", 0, 200), not_null("points")],
        ),
        "form": Table(
            phase=3,
            grain=("game_date", "team_id"),
            reads={"summary": before(seasons=1), "fixtures": same()},
            sql=FORM_SQL,
            expects=keys(_SIDES),
            games="scheduled",
            known=AS_OF,
        ),
        "context": Table(
            phase=3,
            grain=("game_date", "team_id"),
            reads={"form": same(), "fixtures": same(), "prices": same(optional=True)},
            sql=CONTEXT_SQL,
            expects=keys(_SIDES),
            games="scheduled",
            known=AS_OF,
        ),
    }


class League:
    """A warehouse with two seasons of the toy league (two games a date) and everything needed to plan, run and judge."""

    def __init__(self, path: Path, *, dates: int = 12, seasons: int = 2) -> None:
        self.path = path
        self.warehouse: DuckDBWarehouse = open_duckdb(path / "toy.duckdb", threads=1)
        self.policy = Policy()
        self.now = NOW
        self.declared: dict[str, Table | Relation] = {"fixtures": fixtures, "scores": scores, "prices": prices, **tables()}
        query = self.warehouse.query
        query("create table raw_fixtures (game_date date, game_id varchar, season varchar, home_id bigint, away_id bigint, "
              "status varchar, lock_at timestamp)")  # fmt: skip
        query("create table raw_scores (game_date date, game_id varchar, team_id bigint, points bigint)")
        query("create table raw_prices (game_date date, game_id varchar, captured_at timestamp, price bigint)")
        for name in ("fixtures", "scores", "prices"):
            query(f"create view {name} as select * from raw_{name}")
        records.create(self.warehouse)
        for season in range(seasons):
            for number in range(dates):
                self._play(date(2021 + season, 10, 1) + timedelta(days=2 * number), 2021 + season, number)
        self.take_in()

    def _play(self, day: date, year: int, number: int) -> None:
        lock = datetime.combine(day, datetime.min.time()) + timedelta(hours=19)
        for place, (home, away) in enumerate(((1, 2), (3, 4)) if number % 2 else ((1, 3), (2, 4))):
            game = f"{year}{number:03d}{place}"
            self.warehouse.query(
                "insert into raw_fixtures values (?, ?, ?, ?, ?, 'final', ?)", [day, game, f"{year}-{year % 100 + 1}", home, away, lock]
            )
            for team in (home, away):
                points = 80 + (team * 7 + number * 13 + year * 5) % 40
                self.warehouse.query("insert into raw_scores values (?, ?, ?, ?)", [day, game, team, points])
            for hours in (-5, -1, 1):
                self.warehouse.query(
                    "insert into raw_prices values (?, ?, ?, ?)", [day, game, lock + timedelta(hours=hours), 100 + number + hours]
                )

    def take_in(self, *relations: str) -> None:
        """Write the receipts of the sources, as an ingest does."""
        touched = dict.fromkeys(relations or ("fixtures", "scores", "prices"))
        with self.warehouse.transaction():
            intake.record(self.warehouse, self.catalog, touched, "ingest", NOW)

    @property
    def catalog(self) -> Catalog:
        """The declarations as they are now."""
        cache = StatementCache(None)
        nodes: list[Node] = [_node(name, declaration, cache) for name, declaration in self.declared.items()]
        return Catalog(nodes)

    def situation(self, *, exact: bool = False) -> Situation:
        """A fresh reading of everything."""
        calendar = Calendar.read(self.warehouse, CALENDAR, self.now.date(), self.now)
        return Situation(self.warehouse, self.catalog, calendar, self.policy, exact=exact)

    def run(
        self, selection: Selection | None = None, on_event: Callable[[dict[str, Any]], None] = lambda event: None, **options: Any
    ) -> RunSummary:
        """Run until nothing that can be built is left of the selection."""
        situation = self.situation()
        runner = Runner(self.warehouse, situation, Attempt("run", NOW), RunOptions(**options), on_event)
        return runner.run(selection or Selection())

    def states(self) -> dict[tuple[str, date], Partition]:
        """Every partition's state, exactly."""
        situation = self.situation(exact=True)
        found = situation.states(situation.catalog.nodes.values())
        return {(table, day): partition for table, days in found.items() for day, partition in days.items()}

    def unmet(self) -> dict[tuple[str, date], str]:
        """State of everything that a gate doesn't accept."""
        return {key: p.state for key, p in self.states().items() if not p.is_good}

    def causes(self) -> dict[tuple[str, date], str]:
        """State of everything that a gate doesn't accept for what is wrong there, and not on earlier dates."""
        return {key: state for key, state in self.unmet().items() if state != "thin"}

    def hashes(self) -> dict[tuple[str, date], str]:
        """Content hash of every partition of every table."""
        found = {}
        for node in self.catalog.built:
            for day, measured in receipts.measure(self.warehouse, node).items():
                found[node.name, day] = measured.content_hash
        return found
