"""The portable-SQL rules: each rule has a query that breaks it, and a portable way to say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from backcourt.engine.errors import DeclarationError
from backcourt.engine.portable.allowed import ADVICE, CONSTRUCTS, FUNCTIONS, STATEMENTS, documentation
from backcourt.engine.portable.rules import statement_violations, to_bigquery, violations

SCHEMA = {
    "box": {
        "game_date": "DATE",
        "game_id": "VARCHAR",
        "player_id": "BIGINT",
        "points": "BIGINT",
        "minutes": "DOUBLE",
        "is_starter": "BOOLEAN",
        "tip_at": "TIMESTAMP",
        "rating": "DECIMAL(18,9)",
    },
    "teams": {"game_id": "VARCHAR", "team_id": "BIGINT", "opened_on": "DATE", "captured_at": "TIMESTAMP"},
}

BROKEN = {
    "unlisted function": ("select bit_count(points) from box", "bit_count is not on the allow list"),
    "hash": ("select hash(game_id) from box", "hash is not on the allow list"),
    "median": ("select median(points) from box", "lower median"),
    "mode": ("select mode(points) from box", "row_number() = 1"),
    "aggregate quantile_cont": ("select quantile_cont(points, 0.5) from box", "PercentileCont is not on the allow list"),
    "aggregate quantile_disc": ("select quantile_disc(points, 0.5) from box", "PercentileDisc is not on the allow list"),
    "regr_slope": ("select regr_slope(points, player_id) from box", "sums of powers"),
    "skewness": ("select skewness(points) from box", "sums of powers"),
    "stddev": ("select stddev_samp(points) from box", "sums of squares"),
    "variance": ("select var_pop(points) from box", "sums of squares"),
    "correlation": ("select corr(points, player_id) from box", "sums of products"),
    "arg_max": ("select arg_max(points, player_id) from box", "ties and NULLs differ"),
    "any_value": ("select any_value(points) from box", "min() or max()"),
    "concat": ("select concat(game_id, game_id) from box", "use ||"),
    "logarithm to base 10": ("select log(points) from box", "use ln"),
    "contains": ("select contains(game_id, '0') from box", "ignores case"),
    "ilike": ("select game_id ilike 'a' from box", "lower(x) like"),
    "radians": ("select radians(minutes) from box", "acos(-1) / 180"),
    "epoch": ("select epoch(tip_at) from box", "compare times"),
    "day of the week": ("select dayofweek(game_date) from box", "use isodow"),
    "day of the week by extract": ("select extract(dow from game_date) from box", "counted differently"),
    "date_trunc": ("select date_trunc('month', game_date) from box", "by extract"),
    "asof join": ("select b.points from box b asof join teams t on b.game_id = t.game_id and b.tip_at >= t.captured_at", "asof joins"),
    "natural join": ("select points from box natural join teams", "natural joins"),
    "positional join": ("select points from box positional join teams", "positional joins"),
    "semi join": ("select points from box semi join teams using (game_id)", "semi joins"),
    "outer join without equality": (
        "select b.points from box b left join teams t on b.game_date < t.opened_on",
        "outer join needs an equality",
    ),
    "outer join on one side only": ("select b.points from box b left join teams t on t.team_id = 1", "outer join needs an equality"),
    "lateral join": ("select b.points from box b, lateral (select t.team_id from teams t where t.game_id = b.game_id) q", "allow list"),
    "lateral join without the word": (
        "select q.x from box b, (select t.team_id as x from teams t where t.game_id = b.game_id) q",
        "a lateral join; join on an equality",
    ),
    "correlated without equality": (
        "select (select max(t.team_id) from teams t where t.opened_on < b.game_date) as x from box b",
        "correlated subquery needs an equality",
    ),
    "columns()": ("select columns('p.*') from box", "list the columns"),
    "alias read by its neighbour": ("select points + 1 as more, more * 2 as twice from box", "alias of the same select"),
    "alias read in where": ("select points + 1 as more from box where more > 2", "alias of the same select"),
    "named window": ("select sum(points) over w from box window w as (partition by game_id)", "each window inline"),
    "distinct on": ("select distinct on (game_id) game_id, points from box", "row_number() = 1"),
    "qualify": ("select points from box qualify row_number() over (order by points nulls first) = 1", "outer select"),
    "group by all": ("select game_id, sum(points) from box group by all", "lists its columns"),
    "order by all": ("select game_id from box order by all", "order by lists its columns"),
    "grouping sets": ("select game_id from box group by grouping sets ((game_id), ())", "and union all"),
    "hugeint": ("select points::hugeint from box", "isn't portable"),
    "integer of another size": ("select points::integer from box", "isn't portable"),
    "decimal of another scale": ("select minutes::decimal(18, 2) from box", "keeps 9 digits"),
    "decimal without a scale": ("select minutes::decimal from box", "keeps 9 digits"),
    "list": ("select [points, 1] from box", "rows instead of lists"),
    "list aggregate": ("select list(points) from box", "rows instead of lists"),
    "struct": ("select {'a': points} from box", "columns instead of structs"),
    "unnest": ("select unnest([1, 2])", "rows instead of lists"),
    "text by brackets": ("select game_id[4] from box", "substr for texts"),
    "tuple comparison": ("select points from box where (game_id, points) in (select game_id, team_id from teams)", "column by column"),
    "filter with over": (
        "select sum(points) filter (where is_starter) over (partition by game_id) from box",
        "filter together with over",
    ),
    "filter of a two-argument aggregate": ("select arg_max(points, player_id) filter (where is_starter) from box", "one argument"),
    "lag ignore nulls": ("select lag(points ignore nulls) over (order by game_date nulls first) from box", "only for first_value"),
    "range over an interval": (
        "select sum(points) over (order by game_date nulls first range between interval 7 day preceding and current row) from box",
        "range over an interval",
    ),
    "window whose NULLs come last": (
        "select sum(points) over (order by game_date rows between 5 preceding and 1 preceding) from box",
        "write `nulls first`",
    ),
    "excluded row": (
        "select sum(points) over (order by game_date nulls first rows between 5 preceding and current row exclude current row) from box",
        "can't translate",
    ),
    "recursion": ("with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select n from r", "recursive"),
    "union by name": ("select points from box union all by name select team_id from teams", "by name"),
    "star replace": ("select * replace (1 as points) from box", "* replace"),
    "limit": ("select points from box limit 1", "total order"),
    "date minus date": ("select b.game_date - t.opened_on from box b join teams t on t.game_id = b.game_id", "a date minus a date"),
    "time minus time": ("select b.tip_at - t.captured_at from box b join teams t on t.game_id = b.game_id", "a date minus a date"),
    "date plus interval": ("select game_date + interval 1 day from box", "add a number of days"),
    "difference in minutes": ("select date_diff('minute', tip_at, tip_at) from box", "count days only"),
    "difference in days of times": ("select date_diff('day', tip_at, tip_at) from box", "DATEs only"),
    "division": ("select points / player_id from box", "divide by nullif"),
    "division by zero": ("select points / 0 from box", "divide by nullif"),
    "whole division": ("select points // player_id from box", "divide by nullif"),
    "remainder": ("select points % player_id from box", "divide by nullif"),
    "division by a sum with nullif": ("select points / (nullif(player_id, 0) - 1) from box", "divide by nullif"),
    "nullif of another value": ("select points / nullif(player_id, 1) from box", "divide by nullif"),
    "decimal division": ("select rating / nullif(points, 0) from box", "cast one side to double"),
    "product of decimals": ("select sum(rating * rating) from box", "cast the product"),
    "sum of a double column": ("select sum(minutes) from box", "a sum of DOUBLE"),
    "mean of a double column": ("select avg(minutes) over (partition by game_id) from box", "a avg of DOUBLE"),
    "sum of a double by cast": ("select sum(points::double) from box", "a sum of DOUBLE"),
    "sum of a quotient": ("select sum(points / nullif(player_id, 0)) from box", "a sum of DOUBLE"),
    "sum of a number with a point": ("select sum(0.44 * points) from box", "a sum of DOUBLE"),
    "sum of a double through a CTE": (
        "with a as (select b.* from box b), c as (select minutes as m from a) select sum(c.m) from c",
        "a sum of DOUBLE",
    ),
    "sum of a double through a union": (
        "select sum(q.x) from (select points as x from box union all select minutes from box) q",
        "a sum of DOUBLE",
    ),
    "sum of a double in a case": ("select sum(case when is_starter then minutes end) from box", "a sum of DOUBLE"),
    "sum of a scalar subquery": ("select sum((select max(minutes) from box)) from teams", "a sum of DOUBLE"),
    "sum of a boolean": ("select sum(is_starter) from box", "no sum of BOOL"),
    "sum of who knows what": ("select sum(x) from unknown_relation", "can't be told"),
    "rounding by cast": ("select minutes::bigint from box", "rounds .5 to even"),
    "boolean as double": ("select is_starter::double from box", "cast to bigint first"),
    "double as text": ("select minutes::text from box", "has another text"),
    "text with a number": ("select game_id || points from box", "joins texts only"),
    "date against time": ("select points from box where game_date = tip_at", "doesn't compare DATE with TIMESTAMP"),
    "where without from": ("select 1 as n where false", "no where without a from"),
    "a statement that changes rows": ("insert into box (points) values (1)", "Insert is not on the allow list"),
    "syntax": ("select from where", "doesn't parse"),
}

BROKEN_STATEMENTS = {
    "replacing": ("insert or replace into box (points) values (1)", "only inserts"),
    "inserting by name": ("insert into box by name select 1 as points", "by position"),
    "inserting lists": ("insert into box (points) select unnest(?)", "rows instead of lists"),
    "returning": ("delete from box where points = 1 returning points", "Returning is not on the allow list"),
    "deleting without where": ("delete from box", "write `where true`"),
    "updating without where": ("update box set points = 1", "write `where true`"),
    "some rows of many": ("select points from box limit 1", "order by a total order"),
    "everything that is temporary": ("select table_name from duckdb_tables()", "not on the allow list"),
}

PORTABLE_STATEMENTS = {
    "inserting values": "insert into box (game_id, points) values (?, ?)",
    "inserting rows": "insert into box (game_id, points) select game_id, team_id from teams where opened_on < ?",
    "deleting": "delete from box where game_date in (date '2024-01-01') and game_id = ?",
    "updating": "update box set points = 0 where game_id = ?",
    "the first of many": "select game_id, points from box order by game_id limit 20",
}

PORTABLE = {
    "exact sum": "select sum(minutes::decimal(18, 9))::double / nullif(count(minutes), 0) as mean from box",
    "square of a decimal": "select sum((rating * rating)::decimal(38, 9)) as x from box",
    "sum of whole numbers": "select sum(44 * points) / nullif(100 * count(*), 0) as x from box",
    "filter": "select sum(points) filter (where is_starter) as x, count(*) filter (where points > 1) as y from box",
    "window": "select max(points) over (order by game_date nulls first rows between 5 preceding and 1 preceding) from box",
    "window of days": """
        select count(*) over (partition by player_id order by date_diff('day', date '1970-01-01', game_date) nulls first
                              range between 7 preceding and 1 preceding) as games_last7d from box""",
    "days": """
        select game_date - 7 as a, game_date + 1 as b, date_diff('day', t.opened_on, b.game_date) as c
        from box b join teams t on t.game_id = b.game_id""",
    "times": "select tip_at + interval 10 minute as a, tip_at::date as b from box where tip_at < timestamp '2024-01-01 00:00:00'",
    "same name as the source column": "select points + 1 as points, points * 2 as twice from box",
    "same name of an unknown relation": "select points::bigint as points, points * 2 as twice from unknown_relation",
    "alias in group by and order by": "select points + 1 as more, count(*) as n from box group by more having n > 1 order by more",
    "outer join": "select b.points from box b left join teams t on t.game_id = b.game_id and t.opened_on < b.game_date",
    "outer join by using": "select points from box left join teams using (game_id)",
    "exists": "select points from box b where not exists (select 1 from teams t where t.game_id = b.game_id and t.opened_on < b.game_date)",
    "values": "select w.n from (values (1, 'a'), (2, 'b')) as w(n, name)",
    "divisors": "select points / greatest(player_id, 1) as x, points / 2 as y, points / nullif(player_id, 0)::double as z from box",
    "rounded cast": "select round(minutes)::bigint as x from box",
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_rule_finds_what_breaks_it(name: str) -> None:
    sql, expected = BROKEN[name]
    found = violations(sql, schema=SCHEMA)
    assert any(expected in sentence for sentence in found), f"{found}"


@pytest.mark.parametrize("name", PORTABLE)
def test_what_is_portable_passes(name: str) -> None:
    assert violations(PORTABLE[name], schema=SCHEMA if "unknown" not in PORTABLE[name] else None) == []


@pytest.mark.parametrize("name", BROKEN_STATEMENTS)
def test_a_statement_of_the_engine_keeps_to_the_rules(name: str) -> None:
    sql, expected = BROKEN_STATEMENTS[name]
    found = statement_violations(sql, schema=SCHEMA)
    assert any(expected in sentence for sentence in found), f"{found}"


@pytest.mark.parametrize("name", PORTABLE_STATEMENTS)
def test_a_portable_statement_passes(name: str) -> None:
    assert statement_violations(PORTABLE_STATEMENTS[name], schema=SCHEMA) == []


def test_without_a_schema_only_what_the_query_says_is_known() -> None:
    assert violations("select sum(minutes) from box") == []
    assert len(violations("select sum(minutes::double) from box")) == 1


def test_every_violation_is_listed_not_only_the_first() -> None:
    assert len(violations("select median(points) as a, sum(minutes) as b, points / player_id as c from box", schema=SCHEMA)) == 3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_list_says_what_bigquery_really_gets(name: str) -> None:
    function = FUNCTIONS[name]
    assert to_bigquery(f"select {function.duckdb} from t") == f"SELECT {function.bigquery} FROM t"
    assert violations(f"select {function.duckdb} as result from t") == []
    tree = sqlglot.parse_one(f"select {function.duckdb} from t", read="duckdb")
    assert name in {type(node).__name__ for node in tree.walk()}


def test_names_on_the_lists_exist_and_no_name_is_on_two() -> None:
    listed = [*FUNCTIONS, *CONSTRUCTS, *ADVICE]
    assert [name for name in (*listed, *STATEMENTS) if not hasattr(exp, name)] == []
    assert not STATEMENTS.keys() & {*FUNCTIONS, *CONSTRUCTS}
    assert len(listed) == len(set(listed))


def test_timestamps_stay_timestamps_and_hints_are_dropped() -> None:
    assert to_bigquery("select x::timestamp as x from t") == "SELECT CAST(x AS TIMESTAMP) AS x FROM t"
    assert to_bigquery("with a as materialized (select 1 as x) select x from a") == "WITH a AS (SELECT 1 AS x) SELECT x FROM a"


def test_what_cannot_be_translated_is_refused() -> None:
    with pytest.raises(DeclarationError, match="NULLS LAST"):
        to_bigquery("select sum(x) over (order by d rows between 5 preceding and 1 preceding) from t")


def test_the_documentation_is_the_list() -> None:
    page = (Path(__file__).parents[2] / "docs" / "portable-sql.md").read_text()
    assert documentation() in page, "write documentation() of allowed.py into docs/portable-sql.md under `Functions`"
