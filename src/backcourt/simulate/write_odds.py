"""Betting files: daily event and game-line snapshots, one consensus line a game, and three forms of player props."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backcourt.simulate.market import MARKET_NAMES, Opinion, american, expectations, normal_cdf
from backcourt.simulate.props import BOOKS, epoch
from backcourt.simulate.season import Season, shifts

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.parquet import Press

GAME_BOOKS = ("betmgm", "draftkings", "fanduel", "williamhill_us")
DFS_BOOKS = ("PrizePicks", "Underdog")
GAME_LINE_NOISE = 1.2
TEXT_TIME = "'%Y-%m-%dT%H:%M:%SZ'"
# The consensus file's own short names; any other team is its tricode in lower case.
SHORT_NAMES = (
    "CASE {0}.tricode WHEN 'GSW' THEN 'gs' WHEN 'NOP' THEN 'no' WHEN 'NYK' THEN 'ny' WHEN 'SAS' THEN 'sa' "
    "WHEN 'UTA' THEN 'utah' WHEN 'WAS' THEN 'wsh' ELSE lower({0}.tricode) END"
)


def write_game_odds(
    press: Press, season: Season, rng: np.random.Generator, opinion: Opinion, commence: np.ndarray, bias: float, seed: int
) -> None:
    """`odds_events_<season>` and `odds_games_oddsapi_<season>`; fills `events` and `consensus` for the other writers."""
    import numpy as np

    press.table("lines", _lines(season, rng, opinion, bias))
    first_tip = epoch([game.postponed_from_tip_at or game.tip_at for game in season.games])
    moved = np.array([game.postponed_from_day is not None for game in season.games])
    press.table("commence", {"number": np.arange(len(commence)), "at": commence, "first_at": np.where(moved, first_tip + 600, commence)})
    # Snapshots at 11:55 UTC of the day before and of the day itself; a postponed game is listed around both of its dates.
    press.rows(
        f"""CREATE OR REPLACE TABLE events AS
        SELECT g.number, md5('{seed} ' || g.game_id) AS id, c.at AS commence, strftime(make_timestamp(c.at * 1000000),
        {TEXT_TIME}) AS commence_time,
               h.odds_name AS home_team, a.odds_name AS away_team
        FROM games g JOIN commence c USING (number) JOIN teams h ON h.team = g.home JOIN teams a ON a.team = g.away
        WHERE substr(g.game_id, 3, 1) <> '1'"""
    )
    press.rows(
        f"""CREATE OR REPLACE TABLE snapshots AS
        SELECT number, strftime(d.day::TIMESTAMP - to_days(ahead::INT) + INTERVAL 42939 SECOND, {TEXT_TIME}) AS stamp, ahead,
               strftime(make_timestamp(d.at * 1000000), {TEXT_TIME}) AS commence_time
        FROM (SELECT number, game_day::DATE AS day, c.at FROM games JOIN commence c USING (number)
              UNION ALL SELECT number, first_day::DATE, c.first_at FROM games JOIN commence c USING (number) WHERE first_day <> game_day) d,
             (SELECT unnest([0, 1]) AS ahead)"""
    )
    press.print(
        f"odds/odds_events_{season.name}",
        """SELECT s.stamp AS timestamp, e.id, s.commence_time, e.home_team, e.away_team FROM snapshots s JOIN events e USING (number)
        ORDER BY s.stamp, s.commence_time, e.id""",
    )
    press.print(
        f"odds/odds_games_oddsapi_{season.name}",
        f"""WITH quoted AS (SELECT s.stamp, s.commence_time, e.id, e.home_team, e.away_team, l.* FROM snapshots s JOIN events e
        USING (number)
                JOIN lines l ON l.number = s.number AND l.ahead = s.ahead),
        outcomes AS (
            SELECT *, 'h2h' AS market, home_team AS outcome, home_money AS price, NULL::DOUBLE AS point FROM quoted
            UNION ALL SELECT *, 'h2h', away_team, away_money, NULL FROM quoted
            UNION ALL SELECT *, 'spreads', home_team, -110, home_spread FROM quoted
            UNION ALL SELECT *, 'spreads', away_team, -110, -home_spread FROM quoted
            UNION ALL SELECT *, 'totals', 'Over', -110, total FROM quoted
            UNION ALL SELECT *, 'totals', 'Under', -110, total FROM quoted)
        SELECT stamp AS timestamp, id, commence_time, home_team, away_team, {_pick("book", GAME_BOOKS)} AS bookmaker_key,
            replace(stamp, ':39Z', ':2' || book || 'Z') AS last_update, market AS market_key, outcome AS outcome_name,
            price::DOUBLE AS price, point
        FROM outcomes ORDER BY stamp, id, book, market, outcome""",
    )


def _lines(season: Season, rng: np.random.Generator, opinion: Opinion, bias: float) -> dict[str, Any]:
    import numpy as np

    played = {(team, game.day) for game in season.games for team in (game.home, game.away)}
    points = []
    for games, lineups, _ in season.batches:
        points.append(expectations(season, lineups, *shifts(season, games, played))[:, :, 0].sum(axis=1) * opinion.points_ratio)
    team = np.concatenate(points)
    count = len(season.games)
    margin = opinion.margin_ratio * (team[::2] - team[1::2]) + rng.normal(0, GAME_LINE_NOISE, count)
    total = team[::2] + team[1::2] + rng.normal(0, 1.5 * GAME_LINE_NOISE, count) + bias
    parts: dict[str, list[np.ndarray]] = {
        name: [] for name in ("number", "ahead", "book", "home_spread", "total", "home_money", "away_money")
    }
    for ahead in range(2):
        for book in range(len(GAME_BOOKS)):
            wobble = rng.normal(0, 0.4 + 0.3 * ahead, (2, count))
            spread = -(np.rint(2 * (margin + wobble[0])) / 2) + bias
            win = normal_cdf((margin + wobble[0]) / opinion.margin_sd)
            values = (np.arange(count), np.full(count, ahead), np.full(count, book), spread, np.rint(2 * (total + wobble[1])) / 2,
                      american(win, 0.022), american(1 - win, 0.022))  # fmt: skip
            for name, value in zip(parts, values, strict=True):
                parts[name].append(value)
    return {name: np.concatenate(values) for name, values in parts.items()}


def stack_consensus(press: Press) -> None:
    """Add the season's real games to `consensus`: the median line of the books, quarter scores, moneylines."""
    press.rows(
        f"""CREATE TABLE IF NOT EXISTS consensus (season BIGINT, date DATE, regular BOOLEAN, playoffs BOOLEAN, away VARCHAR, home VARCHAR,
            score_away BIGINT, score_home BIGINT, q1_away BIGINT, q2_away BIGINT, q3_away BIGINT, q4_away BIGINT, ot_away BIGINT,
            q1_home BIGINT,
            q2_home BIGINT, q3_home BIGINT, q4_home BIGINT, ot_home BIGINT, whos_favored VARCHAR, spread DOUBLE, total DOUBLE,
            moneyline_away BIGINT, moneyline_home BIGINT, h2_spread DOUBLE, h2_total DOUBLE, id_spread BIGINT, id_total BIGINT);
        INSERT INTO consensus
        WITH market AS (SELECT number, quantile_disc(home_spread, 0.5) AS spread, quantile_disc(total, 0.5) AS total,
                quantile_disc(home_money, 0.5) AS home_money, quantile_disc(away_money, 0.5) AS away_money FROM lines
                WHERE ahead = 0 GROUP BY ALL)
        SELECT g.start_year + 1, g.game_day::DATE, substr(g.game_id, 3, 1) = '2', substr(g.game_id, 3, 1) = '4', {SHORT_NAMES.format("a")},
            {SHORT_NAMES.format("h")}, away_points, home_points, away_q1, away_q2, away_q3, away_q4, away_ot, home_q1, home_q2, home_q3,
            home_q4,
            home_ot, CASE WHEN m.spread <= 0 THEN 'home' ELSE 'away' END, abs(m.spread), m.total, m.away_money, m.home_money,
            round(abs(m.spread)) / 2, round(m.total) / 2,
            CASE WHEN home_points - away_points + m.spread = 0 THEN 2
            WHEN (home_points - away_points + m.spread > 0) = (m.spread <= 0) THEN 1 ELSE 0 END,
            CASE WHEN home_points + away_points > m.total THEN 1 WHEN home_points + away_points < m.total THEN 0 ELSE 2 END
        FROM games g JOIN market m USING (number) JOIN teams h ON h.team = g.home JOIN teams a ON a.team = g.away
        WHERE substr(g.game_id, 3, 1) <> '1'"""
    )


def write_props(press: Press, season: Season, tables: dict[str, dict[str, np.ndarray]], with_dfs: bool) -> None:
    """`props_oddsapi_sportsbooks_<season>`, `props_pra_<season>` and, when asked for, `props_oddsapi_long_<season>`."""
    joins = "JOIN events e ON e.number = q.game JOIN players p USING (player)"
    stamp = f"strftime(make_timestamp(q.captured * 1000000), {TEXT_TIME})"
    day = "make_timestamp(q.captured * 1000000) - INTERVAL 8 HOUR"
    press.table("sportsbook", tables["sportsbook"])
    press.print(
        f"odds/props_oddsapi_sportsbooks_{season.name}",
        f"""SELECT e.id, e.commence_time, e.home_team, e.away_team, {_pick("q.book", [book[0] for book in BOOKS])} AS "bookmakers.key",
            {_pick("q.book", [book[1] for book in BOOKS])} AS "bookmakers.title", {
            _pick("q.market", MARKET_NAMES)
        } AS "bookmakers.markets.key",
            {stamp} AS "bookmakers.markets.last_update", s.name AS outcomes_name, p.odds_name AS outcomes_description,
            (CASE WHEN s.name = 'Over' THEN q."over" ELSE q."under" END)::INTEGER AS outcomes_price, q.line AS outcomes_point,
            'data_points_' || strftime({day}, '%Y-%m-%d') || '.csv' AS source_file
        FROM sportsbook q {joins}, (SELECT unnest(['Over', 'Under']) AS name) s
        ORDER BY q.position, s.name""",
    )
    press.table("closing", tables["closing"])
    press.print(
        f"odds/props_pra_{season.name}",
        f"""SELECT p.odds_name AS player_name, e.id AS event_id, g.game_day::DATE AS event_date, e.home_team, e.away_team,
            {_pick("q.book", [book[1] for book in BOOKS])} AS bookmaker, q.line, {stamp} AS timestamp, q."over"::DOUBLE AS over_price,
            q."under"::DOUBLE AS under_price
        FROM closing q {joins} JOIN games g ON g.number = q.game ORDER BY q.position""",
    )
    if not with_dfs:
        return
    press.table("dfs", tables["dfs"])
    press.print(
        f"odds/props_oddsapi_long_{season.name}",
        f"""SELECT p.odds_name AS player, {_pick("q.market", MARKET_NAMES)} AS market, {_pick("q.book", DFS_BOOKS)} AS bookmaker,
        s.name AS side,
            q.line, (-137)::BIGINT AS price, e.home_team, e.away_team, e.id AS game_id, e.commence_time,
            strftime(g.game_day::DATE - (q.game % 4 = 0)::INT, '%m_%d_%Y') || '.csv' AS source_file
        FROM dfs q {joins} JOIN games g ON g.number = q.game, (SELECT unnest(['Over', 'Under']) AS name) s
        ORDER BY q.position, s.name""",
    )


def _pick(index: str, values: tuple[str, ...] | list[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"([{listed}])[{index} + 1]"
