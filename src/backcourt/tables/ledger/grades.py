"""How what was said was settled and scored: one row per subject, version of its outcome and status."""

from backcourt.engine.declare.checks import offending, one_of, season_check
from backcourt.engine.declare.table import Append, Table, keys
from backcourt.tables.ledger.current import STATUSES, conservation, over

_STATUS_OF = "game_date, subject_id, outcome_version, grader_version, status"

table = Table(
    phase=5,
    grain=("game_date", "grade_id"),
    games="final",
    reads={},
    append=Append(
        verb="grade",
        stamped="graded_at",
        identity=("subject_id", "outcome_version", "grader_version", "status"),
        covers="select game_date, game_id, subject_kind || ' ' || subject_id || ' outcome ' || cast(outcome_version as varchar) as key from {rows}",
    ),
    expects=keys(
        "select s.game_date, s.game_id, s.subject_kind || ' ' || s.subject_id || ' outcome ' || cast(coalesce(o.version, 0) as varchar) as key, "
        "cast(null as timestamp) as due_at from ("
        "select 'forecast' as subject_kind, forecast_id as subject_id, game_date, game_id, player_id from forecasts "
        "union all select 'pick', pick_id, game_date, game_id, player_id from picks) as s "
        f"left join ({over()}) as played on played.game_id = s.game_id "
        "left join (select game_date, game_id, player_id, max(version) as version from outcomes group by game_date, game_id, player_id) as o "
        "on o.game_date = s.game_date and o.game_id = s.game_id and o.player_id = s.player_id "
        "where played.game_id is not null or o.version is not null"
    ),
    sql="""
select
    null::date as game_date,  -- date of the subject
    null::varchar as grade_id,  -- first 32 hex digits of SHA-256 over subject, outcome version, grader version and status
    null::varchar as game_id,  -- game of the subject
    null::varchar as subject_kind,  -- forecast or pick
    null::varchar as subject_id,  -- forecast_id or pick_id
    null::bigint as outcome_version,  -- the version of the outcome that was graded; 0 while none is known
    null::varchar as rule_set,  -- the rules that it was settled under
    null::bigint as grader_version,  -- rises when the same facts would be graded in another way
    null::varchar as status,  -- WON, LOST, PUSH, VOID, NO_ACTION or UNGRADED
    null::varchar as reason,  -- code: why this status
    null::double as units,  -- profit of one staked unit; NULL when nothing is staked or the result is open [null]
    null::double as ae,  -- absolute error of the point; NULL unless a forecast was scored [null]
    null::double as crps,  -- continuous ranked probability score; NULL unless a forecast was scored [null]
    null::double as logs,  -- logarithmic score, nats; NULL unless a forecast was scored [null]
    null::double as pit,  -- randomised probability integral transform; NULL unless a forecast was scored [null]
    null::double as logloss,  -- of P(win | no push), nats; NULL unless a pick was decided [null]
    null::double as brier,  -- of P(win | no push); NULL unless a pick was decided [null]
    null::double as clv_line,  -- how far the line moved the pick's way until the close; NULL without a close [null]
    null::double as clv_prob,  -- how far P(side) without margin moved its way at the same line; NULL without two prices at both ends [null]
    null::varchar as close_quality,  -- TRUE (close within 15 minutes of the lock), NEAR (60), PROXY (earlier), NONE; NULL for forecasts [null]
    null::timestamp as graded_at,  -- UTC: when the row was written
    null::varchar as run_id,  -- the run that wrote the row
    null::varchar as row_hash,  -- SHA-256 over all columns before
    null::bigint as batch_id  -- the batch that the row belongs to
""",
    checks=[
        one_of("subject_kind", ("forecast", "pick")),
        one_of("status", STATUSES),
        one_of("close_quality", ("TRUE", "NEAR", "PROXY", "NONE")),
        offending(
            "it_grades_what_was_said",
            "select r.* from {rows} r left join forecasts f on f.game_date = r.game_date and f.forecast_id = r.subject_id "
            "left join picks p on p.game_date = r.game_date and p.pick_id = r.subject_id "
            "where case r.subject_kind when 'forecast' then f.forecast_id is null else p.pick_id is null end",
            reason="only what was said is graded",
        ),
        offending(
            "units_of_what_is_settled",
            "select * from {rows} where case when status in ('WON', 'LOST', 'PUSH', 'VOID') and subject_kind = 'pick' then units is null "
            "else units is not null end",
            reason="a settled pick has won or lost units, no other has",
        ),
        offending(
            "one_final_status_a_version",
            f"select r.* from {{rows}} r join (select {_STATUS_OF} from grades union all select {_STATUS_OF} from {{rows}}) g "
            "on g.game_date = r.game_date and g.subject_id = r.subject_id and g.outcome_version = r.outcome_version "
            "and g.grader_version = r.grader_version and g.status <> r.status where r.status <> 'UNGRADED' and g.status <> 'UNGRADED'",
            reason="one outcome under one rule set is settled one way",
        ),
        season_check("published_is_the_sum_of_statuses", conservation("{rows}"), reason="every pick that was published has one status"),
    ],
)
