"""The rows that files are made of. Fields bear the names of the columns; NULL is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

FINAL_STATUSES = ("WON", "LOST", "PUSH", "VOID", "NO_ACTION")
"""Grades that only a new version of the outcome can change."""


@dataclass(frozen=True)
class SlateGame:
    """A game of the schedule, times in UTC. `is_final` is None where no result has been read."""

    game_date: date
    game_id: str
    season: str
    season_type: str
    tip_at: datetime | None
    lock_at: datetime
    status: str
    home_team_id: int
    away_team_id: int
    is_final: bool | None

    @property
    def is_to_be_played(self) -> bool:
        """Neither postponed nor cancelled."""
        return self.status == "scheduled"


@dataclass(frozen=True)
class SlatePlayer:
    """A player whom the slate lists, with his form before the game; `last5`, `last10`, `season_means` are market -> mean."""

    game_date: date
    player_id: int
    full_name: str | None
    game_id: str | None
    team_id: int | None
    opponent_team_id: int | None
    is_home: bool | None
    minutes_mean_last5: float | None
    rest_days: int | None
    is_back_to_back: bool | None
    opponent_defense_rank: int | None
    last5: Mapping[str, float | None]
    last10: Mapping[str, float | None]
    season_means: Mapping[str, float | None]


@dataclass(frozen=True)
class Forecast:
    """One system's forecast; figures are None when it abstains."""

    game_date: date
    forecast_id: str
    kind: str
    system: str
    market: str
    player_id: int
    game_id: str
    cutoff_at: datetime
    model_hash: str
    as_of_at: datetime
    created_at: datetime
    lock_at: datetime
    snapshot_id: str
    manifest_hash: str
    point: float | None
    mean: float | None
    median: float | None
    sd: float | None
    q10: float | None
    q25: float | None
    q75: float | None
    q90: float | None
    p_play: float | None
    n_eff: float | None
    data_tier: str | None
    abstain_reason: str | None
    pmf_file: str | None
    pmf_sha256: str | None
    run_id: str | None


@dataclass(frozen=True)
class Pick:
    """What was said about one side of one line; prices are decimal."""

    game_date: date
    pick_id: str
    forecast_id: str
    market: str
    player_id: int
    game_id: str
    book: str | None
    line: float | None
    captured_at: datetime | None
    lead_seconds: int | None
    side: str | None
    price: float | None
    p_win: float | None
    p_push: float | None
    ev: float | None
    ev_low: float | None
    break_even: float | None
    action: str
    reason: str | None
    circumstances: str | None
    policy_version: str | None
    published_at: datetime
    kind: str
    row_hash: str
    batch_id: int

    @property
    def p_over(self) -> float | None:
        """P(result > line), from the side that was picked."""
        if self.p_win is None or self.p_push is None or self.side is None:
            return None
        return self.p_win if self.side == "over" else max(0.0, 1 - self.p_win - self.p_push)


@dataclass(frozen=True)
class Grade:
    """How a forecast or pick was graded for one version of the outcome."""

    game_date: date
    grade_id: str
    subject_kind: str
    subject_id: str
    outcome_version: int
    grader_version: int
    status: str
    reason: str | None
    units: float | None
    ae: float | None
    crps: float | None
    clv_line: float | None
    clv_prob: float | None
    close_quality: str | None
    graded_at: datetime

    @property
    def is_final(self) -> bool:
        """Only a new version of the outcome can change it."""
        return self.status in FINAL_STATUSES


@dataclass(frozen=True)
class Outcome:
    """The latest facts of a player's game; `results` is market -> result, None unless he appeared."""

    game_date: date
    game_id: str
    player_id: int
    version: int
    appeared: bool
    game_status: str
    results: Mapping[str, float | None]


@dataclass(frozen=True)
class Quote:
    """One of a book's lines as last seen before the lock; decimal prices. `is_main` marks the book's newest main line."""

    book: str
    market: str
    player_id: int
    game_id: str
    line: float
    over_price: float | None
    under_price: float | None
    captured_at: datetime | None
    is_main: bool


@dataclass(frozen=True)
class Batch:
    """A link of the ledger's chain."""

    batch_id: int
    previous_hash: str | None
    batch_hash: str
    table_name: str
    created_at: datetime
    anchored: str | None


@dataclass(frozen=True)
class GradedPick:
    """A live pick with its current grade (None: none yet), the forecast's mean and the result (None: open or did not appear)."""

    game_date: date
    season: str
    pick_id: str
    market: str
    side: str | None
    line: float | None
    p_win: float | None
    p_push: float | None
    action: str
    status: str | None
    units: float | None
    clv_prob: float | None
    close_quality: str | None
    forecast_mean: float | None
    result: float | None


@dataclass(frozen=True)
class DaySums:
    """Sums of a system's scores over the rows of a date that every system of the market has."""

    market: str
    kind: str
    system: str
    game_date: date
    n: int
    ae: float
    crps: float
    logs: float
    error: float
    covered: int


@dataclass(frozen=True)
class LinedRow:
    """A line that a pick was made on, what the blend and the market said of it, and the result; rows of pushes are not among them."""

    market: str
    kind: str
    game_date: date
    line: float
    side: str
    p_win: float
    p_push: float
    market_mean: float
    market_sd: float
    result: float


@dataclass(frozen=True)
class DateCounts:
    """How much the ledger holds of a date, by kind."""

    game_date: date
    kind: str
    forecasts: int
    picks: int
    graded: int


@dataclass(frozen=True)
class SeenForecast:
    """A forecast in a player's history with what came of it; `line` is the newest pick's, `appeared` None while open."""

    game_date: date
    season: str
    game_id: str
    player_id: int
    market: str
    system: str
    kind: str
    forecast_id: str
    mean: float | None
    sd: float | None
    q10: float | None
    q90: float | None
    line: float | None
    pmf_file: str | None
    pmf_sha256: str | None
    appeared: bool | None
    result: float | None
    ae: float | None
    crps: float | None
    team_id: int | None
    game_final: bool


@dataclass(frozen=True)
class LedgerModel:
    """A model hash as the ledger knows it."""

    model_hash: str
    systems: tuple[str, ...]
    markets: tuple[str, ...]
    kinds: tuple[str, ...]
    first_date: date
    last_date: date
    forecasts: int
    snapshot_ids: tuple[str, ...]
    manifest_hashes: tuple[str, ...]
    last_created_at: datetime


@dataclass(frozen=True)
class Person:
    """A player's identity."""

    player_id: int
    full_name: str | None
    position_group: str | None
    team_id: int | None
