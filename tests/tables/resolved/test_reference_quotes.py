"""What the real quotes must give: games, players, phases, and lines that agree with what happened."""

from __future__ import annotations

import pytest

from tests.conftest import BuiltHome

FEEDS = """(
    select q.*, case when q.is_dfs then 'fantasy' when c.source like '%points rebounds assists%' then 'pra' else 'sportsbooks' end as feed
    from prop_quotes q
    join prop_quote_captures c on c.source_event_id = q.source_event_id and c.book = q.book and c.market = q.market
        and c.player_name_raw = q.player_name_raw and c.line = q.line and c.captured_at is not distinct from q.captured_at
) as quotes"""


def test_every_quote_is_kept(real_home: BuiltHome) -> None:
    assert dict(real_home.query(f"select feed, count(*) from {FEEDS} group by 1")) == {
        "sportsbooks": 307081,
        "pra": 53243,
        "fantasy": 19787,
    }
    assert real_home.query("select count(*) from game_line_quotes") == [(388776,)]


def test_phases(real_home: BuiltHome) -> None:
    found = {
        (feed, phase): count for feed, phase, count in real_home.query(f"select feed, capture_phase, count(*) from {FEEDS} group by 1, 2")
    }
    assert found == {
        ("sportsbooks", "pre_tip"): 306242, ("sportsbooks", "at_tip"): 111, ("sportsbooks", "live"): 728,
        # 0022300939: the last start announced before its tip-off was the scheduled one, so its 89 quotes five minutes later are live.
        ("pra", "pre_tip"): 11515, ("pra", "at_tip"): 41602, ("pra", "live"): 37 + 89,
        ("fantasy", "unknown"): 19787,
    }  # fmt: skip
    assert real_home.query("select count(*) from game_line_quotes where capture_phase = 'live'") == [(76,)]


def test_events_find_their_games(real_home: BuiltHome) -> None:
    events = "count(distinct source_event_id), count(distinct case when game_id is not null then source_event_id end)"
    assert {feed: (every, found) for feed, every, found in real_home.query(f"select feed, {events} from {FEEDS} group by 1")} == {
        "sportsbooks": (378, 378), "pra": (666, 666), "fantasy": (557, 556),
    }  # fmt: skip
    assert real_home.query(f"select {events}, count_if(game_id is null) from game_line_quotes") == [(3963, 3952, 434)]


def test_names_find_their_players(real_home: BuiltHome) -> None:
    found = dict(real_home.query(f"select feed, count(player_id) / count(*) from {FEEDS} group by 1"))
    assert found["sportsbooks"] >= 0.9997 and found["pra"] >= 0.997 and found["fantasy"] >= 0.9985
    ambiguous = {name for (name,) in real_home.query("select distinct player_name_raw from prop_quotes where player_id is null")}
    assert ambiguous == {"C. Martin", "D. Jones Jr.", "J. Green", "T. Young"}


def test_a_quoted_player_belongs_to_one_of_the_two_teams(real_home: BuiltHome) -> None:
    strangers = real_home.query(
        "select distinct q.player_name_raw, q.player_id from prop_quotes q join games g on g.game_id = q.game_id "
        "where q.player_id is not null and not exists (select 1 from player_game_summary s where s.player_id = q.player_id "
        "and s.season = g.season and s.team_id in (q.home_team_id, q.away_team_id))"
    )
    assert strangers == []


def test_start_times_bound_the_lock(real_home: BuiltHome) -> None:
    locks = "select count(*), count_if(lock_at = tip_at + interval 10 minute), count_if(lock_at = tip_at) from games"
    games, ten, none = real_home.query(locks)[0]
    assert games == 5283 and ten > 4200 and none > 700
    assert real_home.query("select count(*) from games where lock_at < tip_at or lock_at > tip_at + interval 10 minute") == [(0,)]


def test_home_spreads_run_against_home_margins(real_home: BuiltHome) -> None:
    found = real_home.query(
        "with latest as (select q.game_id, q.line, row_number() over (partition by q.game_id, q.book order by q.captured_at desc) "
        "as choice from game_line_quotes q join games g on g.game_id = q.game_id and g.home_team_id = q.team_id "
        "where q.market = 'spread' and q.period = 'full' and q.capture_phase in ('pre_tip', 'at_tip') and g.season_type = 'regular'), "
        "consensus as (select game_id, median(line) as spread from latest where choice = 1 group by game_id) "
        "select g.season, corr(c.spread, r.home_points - r.away_points), avg(c.spread + r.home_points - r.away_points) "
        "from consensus c join games g on g.game_id = c.game_id join results r on r.game_id = c.game_id group by 1 order by 1"
    )
    assert [correlation for _, correlation, _ in found] == pytest.approx([-0.478, -0.469, -0.485, -0.503], abs=5e-4)
    assert max(abs(bias) for *_, bias in found) < 0.5
