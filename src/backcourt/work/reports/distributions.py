"""How a table's columns are distributed, by season or month: counts, NULLs and why, moments, and a histogram in text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Node
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home

_BINS = 12
_BARS = " ▁▂▃▄▅▆▇█"
_NUMBERS = ("BIGINT", "INTEGER", "INT", "DOUBLE", "DECIMAL", "HUGEINT")
_PERIODS = {"season": "season", "month": "strftime(game_date, '%Y-%m')"}
_STAGED = "described_rows"


@dataclass(frozen=True)
class Distribution:
    """One column in one period. `mean` of a BOOLEAN is the share that is true; texts have none, but a count of different values.

    `histogram` holds counts in equal bins over the column's range of the whole selection; `reasons` counts the NULLs
    by their code.
    """

    column: str
    period: str
    rows: int
    nulls: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    values: int | None
    histogram: tuple[int, ...]
    reasons: dict[str, int]

    @property
    def null_share(self) -> float:
        """Share of the rows that have no value."""
        return self.nulls / self.rows if self.rows else 0.0

    @property
    def sparkline(self) -> str:
        """The histogram as a line of bars, the highest bin full."""
        top = max(self.histogram, default=0)
        return "".join(_BARS[0 if not count else max(1, round(count / top * (len(_BARS) - 1)))] for count in self.histogram) if top else ""

    @property
    def why(self) -> str:
        """The reasons of the NULLs with their shares, most frequent first."""
        ordered = sorted(self.reasons.items(), key=lambda item: -item[1])
        return ", ".join(f"{reason} {count / self.nulls:.0%}" for reason, count in ordered) if self.nulls else ""


def distributions(home: Home, table: str, selection: Selection, *, by: str = "season", columns: Iterable[str] = ()) -> list[Distribution]:
    """The distribution of each column (default: all but keys and reasons) per period, from the warehouse.

    Raises BackcourtError for an unknown table, column or period, and when the selection has no rows.
    """
    if by not in _PERIODS:
        raise BackcourtError(f"There is no period {by!r}; choose {' or '.join(_PERIODS)}.")
    with home.situation() as situation:
        node = situation.catalog[table]
        if not node.is_built or not situation.warehouse.columns(node.name):
            raise BackcourtError(f"{table} was not built; run `backcourt run`, or describe a table that `backcourt status` lists.")
        chosen = _columns(node, list(columns))
        warehouse = situation.warehouse
        days = [day for day in situation.facts.of(node) if selection.holds(day, situation.calendar.season_of(day) or "")]
        if not days:
            raise BackcourtError(f"{table} has no rows in this selection; choose other dates or seasons.")
        reasons = sorted({f"{group}_null_reason" for _, _, group in chosen if group})
        listed = ", ".join([*(name for name, _, _ in chosen), *reasons])
        where = f"game_date between date '{min(days)}' and date '{max(days)}'"
        warehouse.stage(
            _STAGED,
            f"select {_PERIODS[by]} as described_period, {listed} from {warehouse.physical(node.name)} where {where}",
        )
        try:
            return [found for name, kind, group in chosen for found in _of_column(warehouse.query, name, kind, group)]
        finally:
            warehouse.drop_stage(_STAGED)


def _columns(node: Node, wanted: list[str]) -> list[tuple[str, str, str | None]]:
    known = {column.name: column for column in node.columns}
    for name in wanted:
        if name not in known:
            raise BackcourtError(f"{node.name} has no column {name!r}; its columns are {', '.join(known)}.")
    keys = {*node.table.grain, "game_id", "team_id", "opponent_team_id", "season", "knowledge_mode"}
    names = wanted or [name for name in known if name not in keys and not name.endswith("_null_reason")]
    return [(name, known[name].type, known[name].null_group) for name in names]


def _of_column(query: Any, name: str, kind: str, group: str | None) -> list[Distribution]:
    is_number, is_flag = kind.startswith(_NUMBERS), kind.startswith("BOOL")
    number = f"{name}::double" if is_number else f"{name}::int::double" if is_flag else "null::double"
    rows = query(
        f"select described_period, count(*), count({name}), avg({number}), stddev_samp({number}), min({number}), max({number}), "
        f"{'null' if is_number or is_flag else f'count(distinct {name})'} from {_STAGED} group by 1 order by 1"
    )
    low = min((row[5] for row in rows if row[5] is not None), default=None)
    high = max((row[6] for row in rows if row[6] is not None), default=None)
    counted: dict[str, list[int]] = {}
    if is_number and low is not None and high is not None:
        width = (high - low) / _BINS or 1.0
        for period, place, count in query(
            f"select described_period, least({_BINS - 1}, floor(({name} - {low}) / {width}))::int, count(*) from {_STAGED} "
            f"where {name} is not null group by 1, 2"
        ):
            counted.setdefault(period, [0] * _BINS)[max(0, place)] += count
    reasons: dict[str, dict[str, int]] = {}
    if group:
        for period, reason, count in query(
            f"select described_period, {group}_null_reason, count(*) from {_STAGED} where {name} is null group by 1, 2 order by 3 desc"
        ):
            reasons.setdefault(period, {})[str(reason)] = count
    return [
        Distribution(
            name,
            str(period),
            count,
            count - found,
            mean,
            sd,
            least,
            most,
            values,
            tuple(counted.get(period, ())),
            reasons.get(period, {}),
        )
        for period, count, found, mean, sd, least, most, values in rows
    ]
