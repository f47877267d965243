"""The chain: every batch of rows with the hash of the batch before it. Whoever changes a row breaks every batch from there on."""

from backcourt.engine.declare.table import Append, Table, nothing

table = Table(
    phase=5,
    grain=("game_date", "batch_id"),
    games="none",
    reads={},
    append=Append(verb="predict", stamped="created_at"),
    expects=nothing(),
    sql="""
select
    null::date as game_date,  -- US Eastern date on which the batch was written
    null::bigint as batch_id,  -- 1, 2, 3, ... without a gap
    null::varchar as previous_hash,  -- batch_hash of the batch before; 64 zeros before the first
    null::varchar as batch_hash,  -- SHA-256 over previous_hash and the sorted row hashes of the batch
    null::varchar as table_name,  -- the table that the rows were added to
    null::varchar as kind,  -- LIVE, REPLAY, MIXED, or RESULT for outcomes and grades
    null::bigint as rows,  -- how many
    null::varchar as row_hashes,  -- the first 16 digits of each row hash, sorted: a lost row is named by them
    null::varchar as anchored,  -- where the hash was published before the games, or unanchored
    null::varchar as run_id,  -- the run that wrote the batch
    null::timestamp as created_at  -- UTC: when
""",
)
