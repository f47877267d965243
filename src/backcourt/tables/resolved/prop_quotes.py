"""Player-prop quotes with game, player, main line and capture phase: everything that depends on schedule and aliases."""

from backcourt.engine.declare.checks import offending, one_of, season_check
from backcourt.engine.declare.table import Table, captured, everything, keys, same
from backcourt.field.statistics import PROP_MARKETS
from backcourt.tables.resolved.odds import capture_phase, decimal_price, implied_probability

_GRAIN = ("game_date", "source_event_id", "book", "market", "player_name_raw", "line", "captured_at")
_GAP = f"abs(({implied_probability('quotes.over_price')}) - ({implied_probability('quotes.under_price')}))"

# What a market is settled on, in the words of the box.
_SETTLED_ON = "case q.market " + " ".join(f"when '{market}' then {value}" for market, value in {
    "points": "b.points", "rebounds": "b.rebounds", "assists": "b.assists", "threes": "b.three_makes",
    "pra": "b.points + b.rebounds + b.assists", "points_rebounds": "b.points + b.rebounds",
    "points_assists": "b.points + b.assists", "rebounds_assists": "b.rebounds + b.assists",
}.items()) + " end"  # fmt: skip

table = Table(
    phase=2,
    grain=_GRAIN,
    known=captured("captured_at"),
    games="none",
    expects=keys(f"select {', '.join(_GRAIN)} from prop_quote_captures"),
    reads={"prop_quote_captures": same(), "games": same(optional=True), "players": everything(), "player_aliases": everything()},
    sql=f"""
with wanted as (
    select
        player_name_normalised, substr(player_name_normalised, 1, strpos(player_name_normalised, ' ') - 1) as first_name,
        substr(player_name_normalised, strpos(player_name_normalised, ' ')) as last_name
    from prop_quote_captures
    where strpos(player_name_normalised, ' ') > 0
    group by player_name_normalised
),
known as (
    select
        player_id, substr(name_normalised, 1, strpos(name_normalised, ' ') - 1) as first_name,
        substr(name_normalised, strpos(name_normalised, ' ')) as last_name
    from players
    where strpos(name_normalised, ' ') > 0
),
-- "J. Isaac": a first name cut to its initials, if only one player of the league fits.
initials as (
    select wanted.player_name_normalised, min(known.player_id) as player_id
    from wanted
    join known on known.last_name = wanted.last_name and starts_with(known.first_name, wanted.first_name)
    where length(wanted.first_name) <= 3
    group by wanted.player_name_normalised
    having count(distinct known.player_id) = 1
),
exact as (
    select name_normalised, min(player_id) as player_id
    from players where name_normalised is not null
    group by name_normalised having count(distinct players.player_id) = 1
),
-- What a person settled: in the words of this source before those of any, and the last that holds on the date.
decided_names as (
    select distinct name_normalised from player_aliases where method = 'decided'
),
named as (
    select captures.player_name_normalised, captures.source, captures.game_date
    from prop_quote_captures as captures
    join decided_names on decided_names.name_normalised = captures.player_name_normalised
    group by captures.player_name_normalised, captures.source, captures.game_date
),
decided as (
    select
        captures.player_name_normalised, captures.source, captures.game_date, player_aliases.player_id,
        row_number() over (
            partition by captures.player_name_normalised, captures.source, captures.game_date
            order by case when player_aliases.source = captures.source then 0 else 1 end, player_aliases.from_date desc
        ) as choice
    from named as captures
    join player_aliases on player_aliases.name_normalised = captures.player_name_normalised
    where player_aliases.method = 'decided' and (player_aliases.source = captures.source or player_aliases.source = '')
        and player_aliases.from_date <= captures.game_date
),
names as (
    select
        wanted.player_name_normalised,
        coalesce(exact.player_id, player_aliases.player_id, initials.player_id) as player_id
    from (select distinct player_name_normalised from prop_quote_captures) as wanted
    left join exact on exact.name_normalised = wanted.player_name_normalised
    left join player_aliases on player_aliases.name_normalised = wanted.player_name_normalised and player_aliases.method <> 'decided'
    left join initials on initials.player_name_normalised = wanted.player_name_normalised
),
quotes as (
    select
        captures.*, games.game_id, games.tip_at, games.commence_time, games.lock_at
    from prop_quote_captures as captures
    left join games on games.game_date = captures.game_date and games.home_team_id = captures.home_team_id
        and games.away_team_id = captures.away_team_id and games.status = 'scheduled'
),
ranked as (
    select
        quotes.*,
        row_number() over (
            partition by source_event_id, book, market, player_name_raw, captured_at
            order by case when over_price is null or under_price is null then 1 else 0 end, {_GAP} nulls first, line
        ) as choice
    from quotes
)
select
    (quotes.game_date)::date as game_date,  -- US Eastern date of the event
    (quotes.source_event_id)::varchar as source_event_id,  -- the feed's event
    (quotes.book)::varchar as book,  -- bookmaker's key
    (quotes.market)::varchar as market,  -- points, rebounds, assists, threes, pra, ...
    (quotes.player_name_raw)::varchar as player_name_raw,  -- the player as the feed spells him
    (quotes.line)::double as line,  -- the line, in units of the market
    (quotes.captured_at)::timestamp as captured_at,  -- when it stood, UTC [null: capture]
    (case
        when quotes.captured_at is null then 'no_source'
    end)::varchar as capture_null_reason,  -- why a column of the group capture is NULL
    (quotes.game_id)::varchar as game_id,  -- the game [null: game]
    (quotes.lock_at)::timestamp as lock_at,  -- when the game locks, UTC [null: game]
    (case when quotes.game_id is null then 'unmapped_id' end)::varchar as game_null_reason,  -- why a column of the group game is NULL
    (quotes.commence_time)::timestamp as commence_time,  -- the game's start as bookmakers last said before tip-off, UTC [null: commence]
    (case
        when quotes.game_id is null then 'unmapped_id' when quotes.commence_time is null then 'no_capture_before_cutoff'
    end)::varchar as commence_null_reason,  -- why a column of the group commence is NULL
    (coalesce(decided.player_id, names.player_id))::bigint as player_id,  -- the NBA's player number [null: player]
    (case
        when decided.player_id is null and names.player_id is null then 'unmapped_id'
    end)::varchar as player_null_reason,  -- why a column of the group player is NULL
    (quotes.home_team_id)::bigint as home_team_id,  -- home team of the event
    (quotes.away_team_id)::bigint as away_team_id,  -- away team of the event
    (quotes.is_dfs)::boolean as is_dfs,  -- a fantasy book, whose prices are placeholders
    (quotes.over_price)::bigint as over_price,  -- American price of the over [null: over]
    ({decimal_price("quotes.over_price")})::double as over_price_decimal,  -- the same, decimal [null: over]
    (case when quotes.over_price is null then 'no_source' end)::varchar as over_null_reason,  -- why a column of the group over is NULL
    (quotes.under_price)::bigint as under_price,  -- American price of the under [null: under]
    ({decimal_price("quotes.under_price")})::double as under_price_decimal,  -- the same, decimal [null: under]
    (case when quotes.under_price is null then 'no_source' end)::varchar as under_null_reason,  -- why a column of the group under is NULL
    (
        quotes.choice = 1 and quotes.over_price is not null and quotes.under_price is not null
    )::boolean as is_main_line,  -- the book's most even two-sided line of this capture
    ({capture_phase("quotes.captured_at", "quotes")})::varchar as capture_phase  -- pre_tip, at_tip, live or unknown
from ranked as quotes
join names on names.player_name_normalised = quotes.player_name_normalised
left join decided on decided.choice = 1 and decided.player_name_normalised = quotes.player_name_normalised
    and decided.source = quotes.source and decided.game_date = quotes.game_date
""",
    checks=[
        one_of("market", PROP_MARKETS),
        one_of("capture_phase", ("pre_tip", "at_tip", "live", "unknown")),
        offending("line_above_0", "select * from {rows} where line <= 0", reason="nobody makes less than nothing"),
        offending(
            "main_line_has_two_sides",
            "select * from {rows} where is_main_line and (over_price is null or under_price is null)",
            reason="the rule by which a main line is chosen",
        ),
        season_check(
            "games_and_players_are_found",
            "select 'all' as season, market, count(*) as quotes, count(game_id) as with_game, count(player_id) as with_player from {rows} "
            "group by market having count(game_id) < 0.98 * count(*) or count(player_id) < 0.98 * count(*)",
            severity="warn",
            reason="what good seasons have held",
        ),
        # Another rate is the sign of quotes joined to the wrong game or player, or of lines captured during games.
        season_check(
            "readable_main_lines_settle_evenly",
            "select season, market, count_if(result > line) as over, count_if(result <> line) as settled from (select g.season, q.market, "
            f"q.line, {_SETTLED_ON} as result from {{rows}} q join games g on g.game_date = q.game_date and g.game_id = q.game_id "
            "join player_box b on b.game_date = q.game_date and b.game_id = q.game_id and b.player_id = q.player_id "
            "where q.is_main_line and not q.is_dfs and q.capture_phase in ('pre_tip', 'at_tip') and b.appearance = 'played') as graded "
            "group by season, market having count_if(result <> line) >= 1000 "
            "and (count_if(result > line) < 0.44 * count_if(result <> line) or count_if(result > line) > 0.54 * count_if(result <> line))",
            severity="warn",
            reason="lines are set to settle evenly",
        ),
    ],
)
