"""Slices of rows, by what was known before the game only.

Grouped by the result, an unbiased forecast looks 9 points too low for the highest scorers: it is arithmetic, not a
fault. So a slice sees the rows through a mapping that holds pre-game columns and refuses the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.populations import OPENING_DAYS

PRE_GAME_COLUMNS = frozenset(
    """game_date season season_type week team_id opponent_team_id player_id appearances_before minutes_mean_last10 season_mean_before tier
    days_since_opening is_home rest_days is_new_team data_tier p_play lead_bucket lead_seconds books line modal_line
    blend_over""".split()
)
"""What a slice may read: columns of `rows` and `lines` that were known at the lock, and the blend's own P(over)."""

LONG_REST_DAYS = 3


class PreGame(Mapping[str, NDArray[Any]]):
    """Columns of rows by name; anything that the game itself decided raises BackcourtError, as does an unknown name."""

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._columns = {name: values for name, values in columns.items() if name in PRE_GAME_COLUMNS}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column."""
        if name not in PRE_GAME_COLUMNS:
            raise BackcourtError(f"{name!r} isn't known before the game, so it can't make a slice; slice by one of {self._listed()}.")
        if name not in self._columns:
            raise BackcourtError(f"These rows have no column {name!r} to slice by; they have {self._listed()}.")
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def _listed(self) -> str:
        return ", ".join(sorted(self._columns))


@dataclass(frozen=True)
class Slice:
    """A name and a function that gives each row a label from pre-game columns; the label '' leaves a row out."""

    name: str
    label: Callable[[PreGame], NDArray[Any]]
    is_lined: bool = False


def _text(values: NDArray[Any]) -> NDArray[Any]:
    return np.array(["" if value is None else str(value) for value in values.tolist()], dtype=object)


def _yes_no(condition: NDArray[Any], yes: str, no: str) -> NDArray[Any]:
    return np.where(condition == True, yes, no).astype(object)  # noqa: E712 - NULL is not yes


def _rest(rows: PreGame) -> NDArray[Any]:
    days = rows["rest_days"].astype(float)
    return np.array(
        ["first game" if np.isnan(d) else f"{LONG_REST_DAYS}+" if d >= LONG_REST_DAYS else f"{int(d)}" for d in days.tolist()], dtype=object
    )


def _side(rows: PreGame) -> NDArray[Any]:
    over = rows["blend_over"]
    return np.where(np.isnan(over), "", np.where(over > 0.5, "over", "under")).astype(object)


SLICES = (
    Slice("tier", lambda rows: _text(rows["tier"])),
    Slice("month", lambda rows: rows["game_date"].astype("datetime64[M]").astype(str).astype(object)),
    Slice("opening", lambda rows: _yes_no(rows["days_since_opening"] < OPENING_DAYS, f"first {OPENING_DAYS} days", "later")),
    Slice("playoffs", lambda rows: _yes_no(rows["season_type"] == "playoffs", "playoffs", "regular and play-in")),
    Slice("rest", _rest),
    Slice("home", lambda rows: _yes_no(rows["is_home"], "home", "away")),
    Slice("new team", lambda rows: _yes_no(rows["is_new_team"], "new team", "same team")),
    Slice("data tier", lambda rows: _text(rows["data_tier"])),
    Slice("lead bucket", lambda rows: _text(rows["lead_bucket"]), is_lined=True),
    Slice("side", _side, is_lined=True),
)


def labels(run: EvaluatedRun, chosen: Slice, population: str | None = None) -> NDArray[Any]:
    """The label of each row [rows], '' for rows outside; a lined slice needs the `population` whose lines it reads."""
    key = (chosen.name, chosen.label, population if chosen.is_lined else None)
    if key not in run.labels:
        run.labels[key] = _labels(run, chosen, population)
    return run.labels[key]


def _labels(run: EvaluatedRun, chosen: Slice, population: str | None) -> NDArray[Any]:
    if not chosen.is_lined:
        return chosen.label(PreGame(run.rows))
    lines = run.lines_of(str(population))
    place = lines["position"]
    blend = run.probability(str(population), "market_blend", "p_over")
    # A name that both files have is the lines' own: `row` and `position` are no pre-game facts and drop out.
    columns = {**{name: values[place] for name, values in run.rows.items()}, **lines, "blend_over": blend}
    found = np.full(len(run.rows["row"]), "", dtype=object)
    found[place] = chosen.label(PreGame(columns))
    return found
