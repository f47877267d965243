"""What is known about a team before a game: schedule, form, shrunk ratings and the market's view."""

from backcourt.analytics.conventions import SEASONS, column, day_number, days_between, is_bootstrap, readable, reason, tier_name, tier_rank
from backcourt.analytics.market_lines import lower_median, lower_median_rank
from backcourt.analytics.shrinkage import TEAM_PRIOR_GAMES, league_baseline, shrunk_team_mean, team_prior_mean
from backcourt.analytics.windows import days_frame, pooled, rows_frame, sample_sd
from backcourt.engine.table import AS_OF, Reads, Table, before, keys, same

SCHEDULE_DAYS_AHEAD = 14

_SEASON = "partition by team_id, season order by game_date"
_BEFORE10 = rows_frame("last10", before_current=True)
_BEFORE = rows_frame("season", before_current=True)
_DAYS = f"{_SEASON.replace('game_date', day_number('game_date'))}"

_RATED = tuple(TEAM_PRIOR_GAMES)
_MEANED = ("pace", "offensive_rating", "defensive_rating", "net_rating")
_SPREAD_OUT = ("pace", "offensive_rating", "defensive_rating")
_COUNTED_LAST10 = (
    "found", "points", "blowouts", "opponent_fg_attempts", "opponent_ft_attempts", "defensive_rebounds", "opponent_offensive_rebounds",
    "turnovers", "turnovers_forced",
)  # fmt: skip


def _windows() -> str:
    lines = [f"        sum({name}) over ({_SEASON} {_BEFORE10})::bigint as {name}_last10," for name in _COUNTED_LAST10]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE10})::decimal(38,9) as {name}_last10," for name in (*_MEANED, "possessions")]
    lines += [f"        sum({name}_scaled) over ({_SEASON} {_BEFORE10})::bigint as {name}_scaled_last10," for name in _SPREAD_OUT]
    lines += [
        f"        sum({name}_scaled * {name}_scaled) over ({_SEASON} {_BEFORE10})::bigint as {name}_scaled_squared_last10,"
        for name in _SPREAD_OUT
    ]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE})::bigint as {name}_season," for name in ("found", "wins")]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE})::decimal(38,9) as {name}_season," for name in _RATED]
    return "\n".join(lines)


def _priors() -> str:
    lines = []
    for name in _RATED:
        baseline = league_baseline(f"league.{name}_total", "league.team_games", f"league_before.{name}_mean")
        prior = team_prior_mean(f"league_before.{name}_mean", f"team_before.{name}_mean", baseline)
        total, n = f"windowed.{name}_season", "coalesce(windowed.found_season, 0)"
        lines.append(f"        {shrunk_team_mean(name, total, n, prior)} as {name}_shrunk,")
    lines.append(f"        {league_baseline('league.pace_total', 'league.team_games', 'league_before.pace_mean')} as league_pace,")
    return "\n".join(lines)


def _from_view(value: str) -> str:
    return f"case when own.is_home then {value} else 0 - {value} end"


def _form_lines() -> list[str]:
    per_game = "per 48 minutes", "points per 100 possessions"
    lines = [
        column("coalesce(own.found_last10, 0)", "bigint", "games_last10", "results found among the team's last 10 games of the season"),
        column("coalesce(own.found_season, 0)", "bigint", "games_season", "results found of the season before the game"),
    ]
    for name in (*_MEANED, "points"):
        unit = per_game[0] if name == "pace" else "points" if name == "points" else per_game[1]
        lines.append(pooled(f"own.{name}_last10", "own.found_last10", f"{name}_mean_last10", f"{unit}, mean of the last 10 games", "form"))
    lines += [
        pooled("own.blowouts_last10", "own.found_last10", "blowout_rate_last10", "share of the last 10 games with a margin of 15 or more", "form"),
        pooled(
            "own.opponent_ft_attempts_last10", "own.opponent_fg_attempts_last10", "ft_attempt_rate_allowed_last10",
            "opponents' free-throw attempts per field-goal attempt, last 10 pooled", "form",
        ),
        pooled(
            "own.defensive_rebounds_last10", "own.defensive_rebounds_last10 + own.opponent_offensive_rebounds_last10",
            "defensive_rebound_rate_last10", "share of opponents' misses rebounded, last 10 pooled", "form",
        ),
        pooled("own.turnovers_forced_last10", "own.possessions_last10", "turnover_forced_rate_last10", "opponents' turnovers per possession, last 10 pooled", "form"),
        pooled("own.turnovers_last10", "own.possessions_last10", "turnover_rate_last10", "turnovers per possession, last 10 pooled", "form"),
        column("case when own.found_season > 0 then own.wins_season end", "bigint", "wins_season", "wins of the season", "form"),
        column("case when own.found_season > 0 then own.found_season - own.wins_season end", "bigint", "losses_season", "losses of the season", "form"),
        pooled("own.wins_season", "own.found_season", "win_rate_season", "wins per game of the season", "form"),
        column(
            "case when coalesce(own.last_win, 0) > coalesce(own.last_loss, 0) then own.last_win - coalesce(own.last_loss, 0)"
            " when own.last_loss is not null then coalesce(own.last_win, 0) - own.last_loss end",
            "bigint", "streak", "consecutive wins (+) or losses (-) up to the last game", "form",
        ),
        reason("form", ("coalesce(own.found_last10, 0) = 0", "no_games_in_window")),
        column("own.last_margin", "bigint", "last_game_margin", "own less opponent's points in the team's last game", "last_game"),
        column("own.last_is_win", "boolean", "last_game_is_win", "was it won", "last_game"),
        reason("last_game", ("own.previous_date is null", "first_game_of_season"), ("own.last_margin is null", "game_not_final")),
    ]  # fmt: skip
    for name in _SPREAD_OUT:
        n = "own.found_last10"
        value = sample_sd(n, f"own.{name}_scaled_last10", f"own.{name}_scaled_squared_last10", 3)
        lines.append(
            column(
                f"{value} / 1000000.0",
                "double",
                f"{name}_sd_last10",
                f"sample standard deviation of {name}, last 10 games, n >= 3",
                "form_sd",
            )
        )
    lines += [
        reason("form_sd", ("coalesce(own.found_last10, 0) = 0", "no_games_in_window"), ("own.found_last10 < 3", "below_min_n")),
        *(
            column(f"own.{name}_shrunk", "double", f"{name}_shrunk", f"season mean of {name} drawn to last season's league and team (F10)", "shrunk")
            for name in _RATED
        ),
        column("own.offensive_rating_shrunk - own.defensive_rating_shrunk", "double", "net_rating_shrunk", "offensive less defensive rating, shrunk", "shrunk"),
        column(
            "own.offensive_rating_shrunk - own.defensive_rating_shrunk - (opponent.offensive_rating_shrunk - opponent.defensive_rating_shrunk)",
            "double", "net_rating_gap", "own less opponent's net_rating_shrunk", "shrunk",
        ),
        column(
            "own.pace_shrunk + opponent.pace_shrunk - own.league_pace",
            "double", "expected_pace", "own plus opponent's pace_shrunk less the league baseline (F11)", "shrunk",
        ),
        reason("shrunk", ("own.pace_shrunk is null", "below_min_n")),
    ]  # fmt: skip
    return lines


def _schedule_lines() -> list[str]:
    stage = (
        "case when own.season_type <> 'regular' then own.season_type when own.game_number <= 20 then 'regular_early'"
        " when own.game_number <= 62 then 'regular_mid' else 'regular_late' end"
    )
    ahead_known = "own.season_type in ('regular', 'cup_final')"
    return [
        column(stage, "varchar", "season_stage", "regular_early (team game 1-20), regular_mid (21-62), regular_late, play_in, playoffs or cup_final"),
        column("own.game_number", "bigint", "game_number_season", "running number of the team's real games of the season"),
        column("case when own.game_number > 82 then 1.0 else own.game_number / 82.0 end", "double", "season_progress", "game number / 82, at most 1"),
        column(days_between("own.opened_on", "own.game_date"), "bigint", "days_since_opening", "days since the league's first game of the season"),
        column("own.season_type = 'playoffs'", "boolean", "is_playoffs", "a playoff game"),
        column("own.season_type = 'play_in'", "boolean", "is_play_in", "a play-in game"),
        column("games.is_cup_game", "boolean", "is_cup_game", "a game of the in-season cup", "cup"),
        reason("cup", ("games.is_cup_game is null", "no_source")),
        column("games.playoff_round", "bigint", "playoff_round", "1 to 4", "playoffs"),
        column("games.series_game_number", "bigint", "series_game_number", "1 to 7", "playoffs"),
        reason("playoffs", ("games.playoff_round is null or games.series_game_number is null", "not_applicable")),
        column("own.rest_days", "bigint", "rest_days", "full days off since the team's last game", "rest"),
        column("own.rest_days = 0", "boolean", "is_back_to_back", "played yesterday", "rest"),
        reason("rest", ("own.rest_days is null", "first_game_of_season")),
        column("opponent.rest_days", "bigint", "opponent_rest_days", "the opponent's full days off", "opponent_rest"),
        column("own.rest_days - opponent.rest_days", "bigint", "rest_advantage", "own less opponent's rest_days", "opponent_rest"),
        reason("opponent_rest", ("own.rest_days is null or opponent.rest_days is null", "first_game_of_season")),
        column("coalesce(own.games_last7d, 0)", "bigint", "games_last7d", "real games in the last 7 days"),
        column("coalesce(own.games_last14d, 0)", "bigint", "games_last14d", "real games in the last 14 days"),
        column("coalesce(own.back_to_backs_last14d, 0)", "bigint", "back_to_backs_last14d", "pairs of games on consecutive days in the last 14 days"),
        column("coalesce(own.games_last3d, 0) >= 2", "boolean", "is_third_in_four_nights", "at least 2 games in the 3 days before"),
        column(
            days_between("own.rested_on", "own.game_date"), "bigint", "days_since_rest2",
            "days since the game after the last 2 or more full days off; 0 = this one; the opener follows the off-season",
        ),
        column("own.game_number - coalesce(own.last_home_number, 0)", "bigint", "consecutive_road_games", "road games in a row, with this one; 0 at home"),
        column("own.game_number - coalesce(own.last_road_number, 0)", "bigint", "consecutive_home_games", "home games in a row, with this one; 0 on the road"),
        column(
            f"case when {ahead_known} then {days_between('own.game_date', 'own.next_date')} - 1 end", "bigint", "next_game_rest_days",
            f"full days off until the next regular game (no cup knock-out) within {SCHEDULE_DAYS_AHEAD} days, by the final schedule", "next_game",
        ),
        reason("next_game", (f"not {ahead_known}", "not_applicable"), ("own.next_date is null", "no_games_in_window")),
        column(
            f"case when {ahead_known} then own.games_next7d end", "bigint", "games_next7d",
            "regular games (no cup knock-out) in the next 7 days, by the final schedule", "next_games",
        ),
        reason("next_games", (f"not {ahead_known}", "not_applicable")),
    ]  # fmt: skip


def _line_lines() -> list[str]:
    lines = []
    for market in ("spread", "total"):
        view = _from_view if market == "spread" else (lambda value: value)
        meaning = "points, negative = this team is favoured" if market == "spread" else "points of both teams"
        lines.append(
            column(
                view(f"lines.{market}_current"),
                "double",
                f"{market}_current",
                f"{meaning}: lower median over books of the last readable quote",
                market,
            )
        )
        lines.append(
            column(view(f"lines.{market}_opening"), "double", f"{market}_opening", "the same over each book's first readable quote", market)
        )
        if market == "spread":
            lines.append(column("abs(lines.spread_current)", "double", "spread_abs", "size of the spread in points", market))
        lines.append(reason(market, (f"lines.{market}_current is null", "no_capture_before_cutoff")))
        group = f"{market}_movement"
        lines.append(
            column(
                view(f"lines.{market}_movement"),
                "double",
                group,
                "lower median over books of last less first quote, books with 2 or more",
                group,
            )
        )
        lines.append(
            reason(
                group, (f"lines.{market}_current is null", "no_capture_before_cutoff"), (f"lines.{market}_movement is null", "below_min_n")
            )
        )
    lines += [
        column(
            f"(lines.total_current - ({_from_view('lines.spread_current')})) / 2.0",
            "double",
            "implied_team_total",
            "total / 2 - spread / 2",
            "implied_total",
        ),
        reason("implied_total", ("lines.total_current is null or lines.spread_current is null", "no_capture_before_cutoff")),
        column("coalesce(lines.books_n, 0)", "bigint", "game_lines_books_n", "books behind the spread, or the total where more quote it"),
        column("lines.captured_at", "timestamp", "game_lines_captured_at", "UTC time of the newest of these quotes", "game_lines"),
        reason("game_lines", ("lines.captured_at is null", "no_capture_before_cutoff")),
    ]
    return lines


def _unavailable_lines() -> list[str]:
    report = (
        ("players_out_count", "bigint", "players listed out"), ("starters_out_count", "bigint", "starters listed out"),
        ("stars_out_count", "bigint", "stars listed out"), ("questionable_count", "bigint", "players listed questionable"),
        ("probable_count", "bigint", "players listed probable"),
        ("vacated_usage_share", "double", "usage_shrunk * minutes_shrunk / 48 of the players out or doubtful"),
        ("vacated_points", "double", "points_mean_shrunk of these"), ("vacated_minutes", "double", "minutes_mean_shrunk of these"),
    )  # fmt: skip
    travel = (
        ("travel_miles", "double", "miles from the venue of the last game"), ("time_zones_crossed", "bigint", "time zones crossed, east positive"),
        ("travel_miles_last14d", "double", "miles in the last 14 days"),
    )  # fmt: skip
    lines = [column("null", kind, name, f"{meaning}: needs an injury report", "injuries") for name, kind, meaning in report]
    lines.append(reason("injuries", ("true", "no_source")))
    lines += [column("null", kind, name, f"{meaning}: needs arena coordinates", "travel") for name, kind, meaning in travel]
    return [*lines, reason("travel", ("true", "no_source"))]


table = Table(
    phase=3,
    grain=("game_date", "team_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys(
        "select game_date, game_id, home_team_id as team_id from games where status = 'scheduled'"
        " union all select game_date, game_id, away_team_id from games where status = 'scheduled'"
    ),
    reads={
        # Dates after the game are read for the two columns about the next games only.
        "games": Reads(back_seasons=2, ahead_days=SCHEDULE_DAYS_AHEAD, optional=True),
        "team_offense_game_summary": before(seasons=2),
        "team_defense_game_summary": before(seasons=2),
        "game_line_quotes": same(optional=True),
    },
    sql=f"""
with {SEASONS},
team_games as (
    select game_date, game_id, season, season_type, home_team_id as team_id, away_team_id as opponent_team_id, true as is_home,
        season_type = 'regular' and lower(coalesce(game_sub_label, '')) not like '%quarterfinal%'
            and lower(coalesce(game_sub_label, '')) not like '%semifinal%' as is_planned
    from games where status = 'scheduled'
    union all
    select game_date, game_id, season, season_type, away_team_id, home_team_id, false,
        season_type = 'regular' and lower(coalesce(game_sub_label, '')) not like '%quarterfinal%'
            and lower(coalesce(game_sub_label, '')) not like '%semifinal%'
    from games where status = 'scheduled'
),
results as (
    select
        team_games.game_date, team_games.game_id, team_games.season, team_games.season_type, team_games.team_id,
        team_games.opponent_team_id, team_games.is_home, team_games.is_planned,
        case when offense.team_id is not null then 1 else 0 end as found,
        offense.is_win, offense.margin, offense.points, offense.turnovers,
        case when offense.is_win then 1 else 0 end as wins,
        case when abs(offense.margin) >= 15 then 1 else 0 end as blowouts,
        cast(offense.possessions as decimal(18,9)) as possessions,
        cast(offense.pace as decimal(18,9)) as pace,
        cast(offense.offensive_rating as decimal(18,9)) as offensive_rating,
        cast(defense.defensive_rating as decimal(18,9)) as defensive_rating,
        cast(offense.offensive_rating - defense.defensive_rating as decimal(18,9)) as net_rating,
        cast(defense.opponent_ft_attempt_rate as decimal(18,9)) as ft_attempt_rate_allowed,
        cast(offense.offensive_rebound_rate as decimal(18,9)) as offensive_rebound_rate,
        -- Squares of the ratings are summed as whole millionths from 100, which fit into 64 bits.
        cast(round((offense.pace - 100) * 1000000) as bigint) as pace_scaled,
        cast(round((offense.offensive_rating - 100) * 1000000) as bigint) as offensive_rating_scaled,
        cast(round((defense.defensive_rating - 100) * 1000000) as bigint) as defensive_rating_scaled,
        defense.opponent_fg_attempts, defense.opponent_ft_attempts, defense.defensive_rebounds, defense.opponent_offensive_rebounds,
        defense.turnovers_forced,
        case when {tier_rank("defense.source_tier")} > {tier_rank("offense.source_tier")}
            then {tier_rank("defense.source_tier")} else {tier_rank("offense.source_tier")} end as tier
    from team_games
    left join team_offense_game_summary as offense
        on offense.game_date = team_games.game_date and offense.game_id = team_games.game_id and offense.team_id = team_games.team_id
    left join team_defense_game_summary as defense
        on defense.game_date = team_games.game_date and defense.game_id = team_games.game_id and defense.team_id = team_games.team_id
),
numbered as (
    select
        results.*,
        row_number() over ({_SEASON}) as game_number,
        lag(game_date) over ({_SEASON}) as previous_date,
        sum(found) over ({_SEASON} {rows_frame("season")})::bigint as found_number
    from results
),
gaps as (
    select
        numbered.*,
        {days_between("previous_date", "game_date")} - 1 as rest_days,
        case when previous_date is null or {days_between("previous_date", "game_date")} > 2 then game_date end as rested_date,
        case when {days_between("previous_date", "game_date")} = 1 then 1 else 0 end as back_to_backs
    from numbered
),
windowed as (
    select
        game_date, game_id, season, season_type, team_id, opponent_team_id, is_home, game_number, previous_date, rest_days,
{_windows()}
        max(rested_date) over ({_SEASON} {rows_frame("season")}) as rested_on,
        max(case when is_home then game_number end) over ({_SEASON} {rows_frame("season")}) as last_home_number,
        max(case when not is_home then game_number end) over ({_SEASON} {rows_frame("season")}) as last_road_number,
        max(case when is_win then found_number end) over ({_SEASON} {_BEFORE}) as last_win,
        max(case when not is_win then found_number end) over ({_SEASON} {_BEFORE}) as last_loss,
        lag(margin) over ({_SEASON}) as last_margin,
        lag(is_win) over ({_SEASON}) as last_is_win,
        max(tier) over ({_SEASON} {_BEFORE}) as tier,
        count(*) over ({_DAYS} {days_frame(7)}) as games_last7d,
        count(*) over ({_DAYS} {days_frame(14)}) as games_last14d,
        count(*) over ({_DAYS} {days_frame(3)}) as games_last3d,
        -- Both days of a pair lie in the 14 days, so the second one lies in the last 13.
        sum(back_to_backs) over ({_DAYS} {days_frame(13)})::bigint as back_to_backs_last14d,
        count(case when is_planned then 1 end) over ({_DAYS} range between 1 following and 7 following) as games_next7d,
        min(case when is_planned then game_date end) over ({_DAYS} range between 1 following and {SCHEDULE_DAYS_AHEAD} following) as next_date
    from gaps
),
league_days as (
    select
        season, game_date, sum(found) as found,
        {", ".join(f"sum({name}) as {name}" for name in _RATED)}
    from results
    group by season, game_date
),
league as (
    select
        season, game_date,
        {", ".join(f"sum({name}) over (partition by season order by game_date {_BEFORE})::decimal(38,9) as {name}_total" for name in _RATED)},
        coalesce(sum(found) over (partition by season order by game_date {_BEFORE}), 0)::bigint as team_games
    from league_days
),
league_means as (
    select season, {", ".join(f"sum({name})::double / nullif(sum(found), 0) as {name}_mean" for name in _RATED)}
    from results where season_type = 'regular' group by season
),
team_means as (
    select season, team_id, {", ".join(f"sum({name})::double / nullif(sum(found), 0) as {name}_mean" for name in _RATED)}
    from results where season_type = 'regular' group by season, team_id
),
rated as (
    select
        windowed.*,
{_priors()}
        seasons.opened_on
    from windowed
    join seasons on seasons.season = windowed.season
    join league on league.season = windowed.season and league.game_date = windowed.game_date
    left join league_means as league_before on league_before.season = seasons.previous_season
    left join team_means as team_before on team_before.season = seasons.previous_season and team_before.team_id = windowed.team_id
),
readable_quotes as (
    select
        quotes.game_date, quotes.game_id, quotes.book, quotes.market, quotes.line, quotes.captured_at,
        row_number() over (
            partition by quotes.game_date, quotes.game_id, quotes.market, quotes.book
            order by quotes.captured_at, quotes.source_event_id, quotes.line
        ) as from_first,
        row_number() over (
            partition by quotes.game_date, quotes.game_id, quotes.market, quotes.book
            order by quotes.captured_at desc, quotes.source_event_id desc, quotes.line desc
        ) as from_last
    from game_line_quotes as quotes
    join games on games.game_date = quotes.game_date and games.game_id = quotes.game_id
    where {readable("quotes")} and quotes.period = 'full' and quotes.line is not null
        and (quotes.market = 'total' and quotes.outcome = 'over' or quotes.market = 'spread' and quotes.team_id = games.home_team_id)
),
book_lines as (
    select
        game_date, game_id, market, book,
        cast(max(case when from_first = 1 then line end) as decimal(9,3)) as first_line,
        cast(max(case when from_last = 1 then line end) as decimal(9,3)) as last_line,
        max(captured_at) as captured_at,
        count(distinct captured_at) as captures
    from readable_quotes
    group by game_date, game_id, market, book
),
moved_lines as (
    select book_lines.*, case when captures >= 2 then last_line - first_line end as moved from book_lines
),
ranked_lines as (
    select
        moved_lines.*,
        {lower_median_rank("game_date, game_id, market", "first_line")} as first_rank,
        {lower_median_rank("game_date, game_id, market", "last_line")} as last_rank,
        {lower_median_rank("game_date, game_id, market", "moved")} as moved_rank,
        count(*) over (partition by game_date, game_id, market) as books,
        count(moved) over (partition by game_date, game_id, market) as moved_books
    from moved_lines
),
market_lines as (
    select
        game_date, game_id, market,
        {lower_median("last_line", "last_rank", "books")} as current_line,
        {lower_median("first_line", "first_rank", "books")} as opening_line,
        {lower_median("moved", "moved_rank", "moved_books")} as movement,
        max(books) as books, max(captured_at) as captured_at
    from ranked_lines
    group by game_date, game_id, market
),
lines as (
    select
        game_date, game_id, max(books) as books_n, max(captured_at) as captured_at,
        max(case when market = 'spread' then current_line end)::double as spread_current,
        max(case when market = 'spread' then opening_line end)::double as spread_opening,
        max(case when market = 'spread' then movement end)::double as spread_movement,
        max(case when market = 'total' then current_line end)::double as total_current,
        max(case when market = 'total' then opening_line end)::double as total_opening,
        max(case when market = 'total' then movement end)::double as total_movement
    from market_lines
    group by game_date, game_id
)
select
    (own.game_date)::date as game_date,  -- US Eastern date of the game
    (own.team_id)::bigint as team_id,  -- the NBA's team number
    (own.game_id)::varchar as game_id,  -- the game
    (own.opponent_team_id)::bigint as opponent_team_id,  -- the other team
    (own.is_home)::boolean as is_home,  -- the schedule's home team, on neutral ground too
    (games.is_neutral_site)::boolean as is_neutral_site,  -- played on neutral ground
    (games.tip_at)::timestamp as tip_at,  -- UTC, scheduled start
    (games.lock_at)::timestamp as lock_at,  -- UTC, the moment from which nothing is readable
{chr(10).join([*_schedule_lines(), *_form_lines(), *_line_lines(), *_unavailable_lines()])}
    (own.season)::varchar as season,  -- season of the game
    (own.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("own.game_date", "own.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("own.tier")})::varchar as source_tier,  -- worst tier of the team's games of the season
    (games.lock_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from rated as own
join rated as opponent
    on opponent.game_date = own.game_date and opponent.game_id = own.game_id and opponent.team_id = own.opponent_team_id
join games on games.game_date = own.game_date and games.game_id = own.game_id
left join lines on lines.game_date = own.game_date and lines.game_id = own.game_id
""",
    checks=[],
)
