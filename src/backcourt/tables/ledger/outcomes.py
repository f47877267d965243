"""What came of a player's game: one row per version of the facts; a correction of the box score adds a version."""

from backcourt.engine.declare.checks import offending, one_of
from backcourt.engine.declare.table import Append, Table, keys
from backcourt.field.markets import MARKETS
from backcourt.tables.ledger.facts import FACTS, as_key, latest

_RESULTS = "\n".join(f"    null::bigint as {market.id},  -- {market.name}; NULL unless he appeared [null]" for market in MARKETS.values())

table = Table(
    phase=5,
    grain=("game_date", "game_id", "player_id", "version"),
    games="final",
    reads={},
    append=Append(
        verb="grade",
        stamped="known_at",
        covers=f"select game_date, game_id, {as_key()} as key from ({latest('{rows}')}) as latest",
    ),
    expects=keys(f"select game_date, game_id, {as_key()} as key, cast(null as timestamp) as due_at from ({FACTS}) as facts"),
    sql=f"""
select
    null::date as game_date,  -- the date that forecasts and picks of the game were made for, US Eastern
    null::varchar as game_id,  -- the game
    null::bigint as player_id,  -- the NBA's player number
    null::bigint as version,  -- 1, then one more for each change of the facts
{_RESULTS}
    null::bigint as seconds_played,  -- NULL unless the source gives seconds [null]
    null::boolean as appeared,  -- was he on the court?
    null::varchar as game_status,  -- final, postponed, cancelled or abandoned
    null::date as played_on,  -- the date on which the game was played; NULL unless final [null]
    null::varchar as source,  -- the relation that says so
    null::timestamp as known_at,  -- UTC: when it was read
    null::varchar as run_id,  -- the run that wrote the row
    null::varchar as row_hash,  -- SHA-256 over all columns before
    null::bigint as batch_id  -- the batch that the row belongs to
""",
    checks=[
        one_of("game_status", ("final", "postponed", "cancelled", "abandoned")),
        offending("results_where_he_appeared", f"select * from {{rows}} where appeared <> ({' and '.join(f'{m} is not null' for m in MARKETS)})", reason="who appeared has results, who did not has none"),
        offending("played_when_final", "select * from {rows} where (game_status = 'final') <> (played_on is not null) or (appeared and played_on is null)", reason="a game that is final was played on a date"),
        offending(
            "versions_follow",
            "select r.* from {rows} r left join (select game_date, game_id, player_id, max(version) as version from outcomes group by game_date, game_id, player_id) o "
            "on o.game_date = r.game_date and o.game_id = r.game_id and o.player_id = r.player_id "
            "where r.version <> coalesce(o.version, 0) + 1", reason="a correction follows the version before it"),
    ],
)  # fmt: skip
