"""Grading: read what happened, then settle and score everything that was said of it. To run it again changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Row, Warehouse
from backcourt.judgement.open_subjects import open_forecasts, open_picks, overdue
from backcourt.judgement.outcomes import append_outcomes, facts_id, grader
from backcourt.judgement.rules import GRADER_VERSION, STANDARD, rules_of
from backcourt.judgement.scoring import Distributions, Scored, Taken, closing_values, score_forecasts, score_probabilities
from backcourt.judgement.settlement import Bet, Fact, has_won, settle_forecast, settle_pick, void_reason
from backcourt.record.writer import append
from backcourt.tables.ledger.current import STATUSES, conservation, statuses

_SCORES = ("ae", "crps", "logs", "pit", "logloss", "brier", "clv_line", "clv_prob", "close_quality")
_DAYS_AT_A_TIME = 14
_LOST = "scored_without_its_lost_distribution"

Grade = dict[str, Any]


@dataclass(frozen=True)
class Overdue:
    """A game of the range that should long have been settled and can't be: why, and how many forecasts and picks wait for it."""

    game_date: date
    game_id: str
    why: str
    subjects: int


@dataclass
class GradeReport:
    """What a grading did and where the range stands.

    `outcomes` and `grades` were appended, `corrected` of the outcomes replace an earlier version. `counts` says per
    kind of subject and status how many subjects of the range stand there now; `units` is the profit of their staked
    picks at one unit each. `unbalanced` counts the groups whose published number isn't the sum of their statuses; it
    is never anything but 0 unless rows were tampered with. `overdue` games should long have been settled; those whose
    box is declared unavailable are only counted, as `excused`. `lost` files of distributions are not what was kept:
    the number of forecasts that wait for each.
    """

    start: date
    end: date
    outcomes: int = 0
    corrected: int = 0
    grades: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)
    units: float = 0.0
    unbalanced: int = 0
    overdue: list[Overdue] = field(default_factory=list)
    excused: int = 0
    lost: dict[str, int] = field(default_factory=dict)

    @property
    def published(self) -> dict[str, int]:
        """Forecasts and picks of the range, whatever became of them."""
        return {kind: sum(counts.values()) for kind, counts in self.counts.items()}

    @property
    def is_settled(self) -> bool:
        """Is everything settled that could be by now?"""
        return not self.overdue and not self.unbalanced and not self.lost


def grade(
    warehouse: Warehouse, situation: Situation, home: Path, start: date, end: date, *, run_id: str, now: datetime,
    without_lost: bool = False,
) -> GradeReport:  # fmt: skip
    """Settle and score everything open from `start` to `end` (inclusive); `now` is UTC.

    A forecast whose distribution was kept and isn't there waits, because a grade is for good; `without_lost` scores
    it by its point alone.

    Facts are read again each time: a corrected box score appends a version of the outcome, and new grades on it.
    Nothing is written for games that aren't over.
    """
    report = GradeReport(start, end)
    if not all(warehouse.columns(name) for name in ("forecasts", "picks", "outcomes", "grades")):
        return report
    distributions = Distributions(home)
    for first, last in _stretches(warehouse, start, end):
        appended = append_outcomes(warehouse, situation, first, last, run_id=run_id, now=now)
        if appended:
            report.outcomes += appended.new
            report.corrected += _corrected(warehouse, appended.batch_id)
        graded, lost = _forecast_grades(warehouse, distributions, first, last)
        if not without_lost:
            graded = [one for one in graded if one["reason"] != _LOST]
            for file, count in lost.items():
                report.lost[file] = report.lost.get(file, 0) + count
        found = [*graded, *_pick_grades(warehouse, first, last)]
        if found:
            columns = {name: [one[name] for one in found] for name in found[0]}
            report.grades += append(
                warehouse, situation, "grades", columns, run_id=run_id, now=now, fingerprint=grader(),
                inputs_hash=facts_id(situation, first, last),
            ).new  # fmt: skip
    _sum_up(warehouse, situation, report, now)
    return report


def _stretches(warehouse: Warehouse, start: date, end: date) -> Iterator[tuple[date, date]]:
    """The dates on which something was said, in pieces that fit in memory."""
    days = [
        row[0]
        for row in warehouse.query(
            "select game_date from forecasts where game_date between ? and ? "
            "union select game_date from picks where game_date between ? and ? order by 1",
            [start, end, start, end],
        )
    ]
    while days:
        last = max(day for day in days if day < days[0] + timedelta(days=_DAYS_AT_A_TIME))
        yield days[0], last
        days = [day for day in days if day > last]


def _corrected(warehouse: Warehouse, batch_id: int | None) -> int:
    return int(warehouse.query("select count(*) from outcomes where batch_id = ? and version > 1", [batch_id])[0][0])


def _fact(row: Row) -> tuple[int, Fact | None]:
    version, status, appeared, result, days_late = row[-5:]
    if version is None:
        return 0, None
    return int(version), Fact(status, bool(appeared), None if result is None else int(result), days_late)


def _forecast_grades(
    warehouse: Warehouse, distributions: Distributions, start: date, end: date
) -> tuple[list[Grade], Counter[str]]:  # fmt: skip
    """Grades of the forecasts, and how many of them have the reason `_LOST` by the file that they lack."""
    grades: list[Grade] = []
    scored: list[tuple[Grade, Scored]] = []
    for row in open_forecasts(warehouse, start, end):
        day, forecast_id, game_id, system, market, player_id, point, mean, sd, abstains, pmf_file, sha256, row_hash = row[:-5]
        version, fact = _fact(row)
        settled = settle_forecast(abstains is not None, fact, STANDARD)
        one = _grade(day, game_id, "forecast", forecast_id, version, STANDARD.id, settled.status, settled.reason, settled.units)
        grades.append(one)
        if settled.reason == "scored" and fact is not None and fact.result is not None:
            scored.append((one, Scored(system, market, player_id, point, mean, sd, pmf_file, sha256, row_hash, fact.result)))
    lost: Counter[str] = Counter()
    for (one, forecast), values in zip(scored, score_forecasts(distributions, [forecast for _, forecast in scored]), strict=True):
        one |= values
        if values["crps"] is None:
            one["reason"] = _LOST
            lost[str(forecast.pmf_file)] += 1
    return grades, lost


def _pick_grades(warehouse: Warehouse, start: date, end: date) -> list[Grade]:
    grades: list[Grade] = []
    taken: list[Taken] = []
    judged: list[tuple[Grade, tuple[float, float, bool]]] = []
    for row in open_picks(warehouse, start, end):
        day, pick_id, game_id, book, side, line, price, p_win, p_push, action = row[:10]
        over, under, is_fantasy, *close = row[10:17]
        version, fact = _fact(row)
        rules = rules_of(book)
        is_one_sided = is_fantasy is not None and (over is None or under is None)
        bet = Bet(action, side, line, price, is_one_sided, bool(is_fantasy))
        settled = settle_pick(bet, fact, rules)
        one = _grade(day, game_id, "pick", pick_id, version, rules.id, settled.status, settled.reason, settled.units)
        grades.append(one)
        taken.append(Taken(side, line, over, under, *close))
        # A probability is judged whatever was done with it, as long as the result is one side's.
        if line is not None and fact is not None and fact.result not in (None, line) and void_reason(fact, rules) is None:
            judged.append((one, (p_win, p_push, has_won(bet, fact.result))))
    for one, value in zip(grades, closing_values(taken), strict=True):
        one |= {"clv_line": value.clv_line, "clv_prob": value.clv_prob, "close_quality": value.quality}
    for (one, _), (logloss, brier) in zip(judged, score_probabilities([stated for _, stated in judged]), strict=True):
        one |= {"logloss": logloss, "brier": brier}
    return grades


def _grade(
    day: date, game_id: str, kind: str, subject: str, version: int, rules: str, status: str, reason: str, units: float | None
) -> Grade:
    return {
        "game_date": day, "game_id": game_id, "subject_kind": kind, "subject_id": subject, "outcome_version": version, "rule_set": rules,
        "grader_version": GRADER_VERSION, "status": status, "reason": reason, "units": units, **dict.fromkeys(_SCORES),
    }  # fmt: skip


def _sum_up(warehouse: Warehouse, situation: Situation, report: GradeReport, now: datetime) -> None:
    between = f"game_date between date '{report.start}' and date '{report.end}'"
    for kind, status, reason, count in warehouse.query(
        f"select subject_kind, status, reason, count(*) from ({statuses()}) as said where {between} group by 1, 2, 3 order by 1, 2, 3"
    ):
        counts = report.counts.setdefault(str(kind), dict.fromkeys(STATUSES, 0))
        counts[str(status)] += int(count)
        reasons = Counter(report.reasons.setdefault(str(kind), {}))
        reasons[str(reason)] += int(count)
        report.reasons[str(kind)] = dict(reasons)
    ((units,),) = warehouse.query(f"select sum(cast(units as decimal(18, 9))) from ({statuses()}) as said where {between}")
    report.units = float(units or 0)
    report.unbalanced = int(warehouse.query(f"select count(*) from ({conservation()}) as broken where {between}")[0][0])
    for day, game_id, why, subjects in overdue(warehouse, report.start, report.end, now):
        game = situation.calendar.by_id.get(game_id)
        if game is not None and game.status == "final" and situation.policy.excuse("player_box", game):
            report.excused += 1
        else:
            report.overdue.append(Overdue(day, str(game_id), str(why), int(subjects)))
