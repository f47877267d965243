"""The market maker is unbiased, doesn't know the result, and its files have the public traps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backcourt.simulate import simulate
from tests.simulate.conftest import Written

NAMES = "replace(replace(strip_accents(PLAYER_NAME), '.', ''), '''', '')"
# Every closing combined line with what the player did; NULL when he didn't play.
SETTLED = f"""(SELECT q.line, q.over_price, q.under_price, b.PTS + b.REB + b.AST AS result
    FROM read_parquet('{{here}}/odds/props_pra_*.parquet') q
    LEFT JOIN (SELECT GAME_DATE, {NAMES} AS name, PTS, REB, AST FROM read_parquet('{{here}}/nba/player_box_20*.parquet')
        UNION ALL SELECT GAME_DATE, {NAMES}, PTS, REB, AST
        FROM read_parquet('{{here}}/nba/player_box_playoffs_20*.parquet', union_by_name = true)
        WHERE COMMENT IS NULL) b ON b.GAME_DATE = q.event_date AND b.name = q.player_name)"""
PROPS = "read_parquet('{here}/odds/props_oddsapi_sportsbooks_*.parquet')"


def test_lines_are_fair_within_error(full: Written) -> None:
    quotes, settled, over = full.one(
        f"SELECT count(*), count(result), avg((result > line)::INT) FILTER (result IS NOT NULL) FROM {SETTLED}"
    )
    # Three books quote each man, so a third of the quotes are independent; the market's own noise is centred.
    error = (0.25 / (settled / 3)) ** 0.5
    assert settled > 20_000 and abs(over - 0.5) < 4 * error
    assert 0.90 < settled / quotes < 1


def test_lines_know_ability_but_not_the_result(full: Written) -> None:
    correlation = full.one(f"SELECT corr(line, result) FROM {SETTLED}")[0]
    assert 0.5 < correlation < 0.85


def test_prices_hold_a_margin_and_no_price_is_between_minus_and_plus_100(full: Written) -> None:
    implied = "CASE WHEN {0} < 0 THEN -{0} / (100 - {0}) ELSE 100 / (100 + {0}) END"
    overround, forbidden = full.one(
        f"SELECT avg({implied.format('over_price')} + {implied.format('under_price')}), count_if(abs(over_price) < 100) FROM {SETTLED}"
    )
    assert 1.03 < overround < 1.10 and forbidden == 0


def test_game_lines_are_fair_and_informative(full: Written) -> None:
    bias, total_bias, correlation, games = full.one(
        """SELECT avg(margin + home_spread), avg(score_home + score_away - total), corr(margin, home_spread), count(*) FROM (
            SELECT *, score_home - score_away AS margin, CASE whos_favored WHEN 'home' THEN -spread ELSE spread END AS home_spread
            FROM '{here}/odds/odds_games.parquet')"""
    )
    assert abs(bias) < 4 * 16 / games**0.5 and abs(total_bias) < 4 * 20 / games**0.5
    assert -0.65 < correlation < -0.25


def test_market_bias_moves_every_prop_line(tmp_path: Path) -> None:
    small = {"seasons": 1, "seed": 4, "games_per_team": 4, "share_of_games_with_props": 0.2}
    lines = []
    for folder, bias in (("fair", 0.0), ("biased", 3.0)):
        written = Written(simulate(tmp_path / folder, market_bias=bias, **small))
        lines.append(written.one(f"SELECT avg(outcomes_point) FROM {PROPS} WHERE \"bookmakers.key\" = 'draftkings'")[0])
        lines.append(written.one("SELECT avg(total) FROM '{here}/odds/odds_games.parquet'")[0])
    assert lines[2] - lines[0] == pytest.approx(3, abs=0.3)
    assert lines[3] - lines[1] == pytest.approx(3, abs=0.01)


def test_a_lasting_mistake_moves_a_players_lines_together(tmp_path: Path) -> None:
    small = {"seasons": 1, "seed": 4, "games_per_team": 8, "share_of_games_with_props": 0.5}
    means = []
    for folder, mistake in (("right", 0.0), ("wrong", 0.2)):
        written = Written(simulate(tmp_path / folder, market_mistake=mistake, **small))
        means.append(
            dict(
                written.query(
                    f"""SELECT outcomes_description, avg(outcomes_point) FROM {PROPS} WHERE "bookmakers.key" = 'draftkings'
                    AND "bookmakers.markets.key" = 'player_points' GROUP BY 1 HAVING count(*) >= 4 AND avg(outcomes_point) > 12"""
                )
            )
        )
    both = set(means[0]) & set(means[1])
    ratio = np.log([means[1][name] / means[0][name] for name in sorted(both)])
    assert len(ratio) > 30 and ratio.std() == pytest.approx(0.2, abs=0.06) and abs(ratio.mean()) < 0.1


def test_books_that_know_the_means_agree(tmp_path: Path) -> None:
    spread = {}
    for noise in (0.0, 1.0):
        written = Written(simulate(tmp_path / str(noise), seasons=1, seed=4, games_per_team=4, market_noise=noise))
        spread[noise] = written.one(
            f"""SELECT avg(apart) FROM (SELECT max(outcomes_point) - min(outcomes_point) AS apart FROM {PROPS}
            WHERE "bookmakers.markets.key" = 'player_points' AND "bookmakers.key" IN ('draftkings', 'fanduel', 'betmgm', 'williamhill_us')
            AND "bookmakers.markets.last_update" < commence_time GROUP BY id, outcomes_description)"""
        )[0]
    assert spread[0.0] == 0 and spread[1.0] > 0.3, spread


def test_captures_lie_about_seven_hours_before_the_start_and_a_few_after_it(full: Written) -> None:
    hours = 'epoch(commence_time::TIMESTAMP - "bookmakers.markets.last_update"::TIMESTAMP) / 3600'
    median, live, captures = full.one(
        f"""SELECT median({hours}), avg(({hours} < 0)::INT), count(DISTINCT "bookmakers.markets.last_update") FROM {PROPS}"""
    )
    assert 6 < median < 8 and 0 < live < 0.01 and captures > 1000


def test_two_books_list_alternates_and_both_sides_are_always_there(full: Written) -> None:
    per_book = dict(
        full.query(
            f"""SELECT key, max(lines) FROM (SELECT "bookmakers.key" AS key, count(DISTINCT outcomes_point) AS lines FROM {PROPS}
            WHERE "bookmakers.markets.key" = 'player_points' AND "bookmakers.markets.last_update" < commence_time
            GROUP BY id, outcomes_description, "bookmakers.markets.last_update", 1) GROUP BY 1"""
        )
    )
    assert {book for book, lines in per_book.items() if lines > 1} == {"betrivers", "unibet_us"}
    sides = full.one(f"SELECT count_if(outcomes_name = 'Over'), count_if(outcomes_name = 'Under') FROM {PROPS}")
    assert sides[0] == sides[1] > 10_000


def test_commence_time_is_usually_ten_minutes_late(full: Written) -> None:
    late = full.query(
        """SELECT minutes, count(*) FROM (
            SELECT e.id, epoch(max(e.commence_time)::TIMESTAMP - any_value(g.gameDateTimeUTC)::TIMESTAMP) / 60 AS minutes
            FROM '{here}/odds/odds_events_2021-22.parquet' e
            JOIN '{here}/nba/schedule_2021-22.parquet' g ON g.gameDateEst[1:10]::DATE = (e.commence_time::TIMESTAMP - INTERVAL 8 HOUR)::DATE
                AND e.home_team = replace(g."homeTeam.teamCity" || ' ' || g."homeTeam.teamName", 'LA Clippers', 'Los Angeles Clippers')
            WHERE g.gameId[3] <> '1' GROUP BY e.id) GROUP BY 1 ORDER BY 2 DESC"""
    )
    assert [minutes for minutes, _ in late] == [10, 0, 5]
    assert late[0][1] > 900
