"""What was forecast: one row per system, market, player, game, cutoff and model, never changed."""

from itertools import pairwise

from backcourt.engine.declare.checks import between, offending, one_of
from backcourt.engine.declare.table import Append, Table, keys
from backcourt.field.markets import MARKETS

QUANTILES = ("q05", "q10", "q25", "median", "q75", "q90", "q95")

table = Table(
    phase=5,
    grain=("game_date", "forecast_id"),
    games="scheduled",
    reads={},
    append=Append(
        verb="predict",
        stamped="created_at",
        identity=("kind", "system", "market", "player_id", "game_id", "cutoff_at", "model_hash"),
        # Whatever the caller calls it: what is written after the lock was not said before the game.
        derived={"kind": "case when incoming.kind = 'LIVE' and timestamp '{now}' >= incoming.lock_at then 'REPLAY' else incoming.kind end"},
        covers="select game_date, game_id, cast(player_id as varchar) as key from {rows} where kind in ('LIVE', 'REPLAY')",
    ),
    expects=keys(
        "select p.game_date, p.game_id, cast(p.player_id as varchar) as key, g.lock_at as due_at from slate_players p "
        "join games g on g.game_date = p.game_date and g.game_id = p.game_id where p.team_id is not null and g.status = 'scheduled'"
    ),
    sql="""
select
    null::date as game_date,  -- US Eastern date of the game, as scheduled when the forecast was made
    null::varchar as forecast_id,  -- first 32 hex digits of SHA-256 over kind, system, market, player, game, cutoff and model
    null::varchar as kind,  -- LIVE (made before the game locked) or REPLAY (after)
    null::varchar as system,  -- who forecasts
    null::varchar as market,  -- what is forecast
    null::bigint as player_id,  -- the NBA's player number
    null::varchar as game_id,  -- the game
    null::timestamp as cutoff_at,  -- UTC: only what was known before this moment may have been read
    null::varchar as model_hash,  -- hash of code, configuration and training rows of the system
    null::varchar as moment,  -- morning, t60, lock or now: which moment the cutoff is
    null::timestamp as as_of_at,  -- UTC: as-of moment of the features read
    null::timestamp as created_at,  -- UTC: when the row was written
    null::timestamp as lock_at,  -- UTC: when the game locks
    null::varchar as snapshot_id,  -- hash of the receipts read
    null::varchar as manifest_hash,  -- definition of the features read
    null::double as point,  -- the value that absolute errors are taken of; NULL when the system abstains [null]
    null::double as mean,  -- expected value; NULL when the system abstains [null]
    null::double as median,  -- interpolated median; NULL when the system abstains [null]
    null::double as sd,  -- standard deviation; NULL when the system abstains [null]
    null::double as q05,  -- 5 % quantile; NULL when the system abstains [null]
    null::double as q10,  -- 10 % quantile; NULL when the system abstains [null]
    null::double as q25,  -- 25 % quantile; NULL when the system abstains [null]
    null::double as q75,  -- 75 % quantile; NULL when the system abstains [null]
    null::double as q90,  -- 90 % quantile; NULL when the system abstains [null]
    null::double as q95,  -- 95 % quantile; NULL when the system abstains [null]
    null::double as p_play,  -- probability that the player appears; NULL when nobody states one [null]
    null::double as n_eff,  -- effective number of games behind it; NULL when the system has none [null]
    null::varchar as data_tier,  -- FULL, PARTIAL or MIN: how much of what the system reads was there
    null::varchar as abstain_reason,  -- why there is no forecast; NULL when there is one [null]
    null::varchar as pmf_file,  -- file in the home that keeps the distribution; NULL when only its summary is kept [null]
    null::varchar as pmf_sha256,  -- SHA-256 of that file; NULL without one [null]
    null::varchar as run_id,  -- the run that wrote the row
    null::varchar as row_hash,  -- SHA-256 over all columns before
    null::bigint as batch_id  -- the batch that the row belongs to
""",
    checks=[
        one_of("kind", ("LIVE", "REPLAY")),
        one_of("market", tuple(MARKETS)),
        one_of("moment", ("morning", "t60", "lock", "now")),
        one_of("data_tier", ("FULL", "PARTIAL", "MIN")),
        between("p_play", 0, 1, reason="a probability"),
        offending("nothing_is_known_after_the_lock", "select * from {rows} where as_of_at > lock_at or cutoff_at > lock_at", reason="what is said of a game was known before it"),
        offending(
            "the_lock_is_the_games",
            "select r.* from {rows} r left join games g on g.game_date = r.game_date and g.game_id = r.game_id "
            "where g.lock_at is distinct from r.lock_at", reason="a forecast is of one game, and that has one lock"),
        offending(
            "a_forecast_or_a_reason",
            "select * from {rows} where case when abstain_reason is null "
            f"then point is null or mean is null or sd is null or {' or '.join(f'{q} is null' for q in QUANTILES)} "
            "else point is not null or mean is not null end", reason="whoever says nothing says why"),
        offending("quantiles_rise", f"select * from {{rows}} where not ({' and '.join(f'{a} <= {b}' for a, b in pairwise(QUANTILES))})", reason="a quantile lies above every lower one"),
        offending("a_file_has_its_hash", "select * from {rows} where (pmf_file is null) <> (pmf_sha256 is null)", reason="a file without its hash proves nothing"),
    ],
)  # fmt: skip
