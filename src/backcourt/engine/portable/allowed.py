"""The allow list of portable SQL: every construct and function that a query, a check, an expectation or a relation may use.

The keys are class names of SQLGlot's syntax tree. `docs/portable-sql.md` holds `documentation()`, and a test compares
them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """An allowed function: an example in DuckDB's spelling, what BigQuery gets for it, and what to know about it."""

    duckdb: str
    bigquery: str
    note: str


FUNCTIONS: dict[str, Function] = {
    # aggregates
    "Count": Function("count(x)", "COUNT(x)", "skips NULL; 0 over no rows; `count(*)` counts rows, `count(distinct x)` values"),
    "CountIf": Function("count_if(x)", "COUNTIF(x)", "NULL counts as false; 0 over no rows"),
    "Sum": Function("sum(x)", "SUM(x)", "skips NULL; NULL over no rows; integers and decimals only, never DOUBLE or BOOL"),
    "Avg": Function(
        "avg(x)", "AVG(x)", "skips NULL; NULL over no rows; integers and decimals only; BigQuery rounds the mean of a decimal to 9 digits"
    ),
    "Min": Function("min(x)", "MIN(x)", "skips NULL; NULL over no rows"),
    "Max": Function("max(x)", "MAX(x)", "skips NULL; NULL over no rows"),
    "LogicalOr": Function("bool_or(x)", "LOGICAL_OR(x)", "skips NULL; NULL over no rows"),
    "LogicalAnd": Function("bool_and(x)", "LOGICAL_AND(x)", "skips NULL; NULL over no rows"),
    # windows
    "RowNumber": Function("row_number() over (order by x nulls first)", "ROW_NUMBER() OVER (ORDER BY x)", "order by a total order"),
    "Rank": Function("rank() over (order by x nulls first)", "RANK() OVER (ORDER BY x)", "ties share a rank and leave a gap"),
    "DenseRank": Function("dense_rank() over (order by x nulls first)", "DENSE_RANK() OVER (ORDER BY x)", "ties share a rank, no gap"),
    "Ntile": Function("ntile(4) over (order by x nulls first)", "NTILE(4) OVER (ORDER BY x)", "order by a total order"),
    "PercentRank": Function(
        "percent_rank() over (order by x nulls first)", "PERCENT_RANK() OVER (ORDER BY x)", "0 where the partition has one row"
    ),
    "CumeDist": Function("cume_dist() over (order by x nulls first)", "CUME_DIST() OVER (ORDER BY x)", "never 0"),
    "Lag": Function("lag(x) over (order by y nulls first)", "LAG(x) OVER (ORDER BY y)", "NULL before the first row; not with ignore nulls"),
    "Lead": Function(
        "lead(x) over (order by y nulls first)", "LEAD(x) OVER (ORDER BY y)", "NULL after the last row; not with ignore nulls"
    ),
    "FirstValue": Function(
        "first_value(x) over (order by y nulls first)", "FIRST_VALUE(x) OVER (ORDER BY y)", "NULL counts as a value unless ignore nulls"
    ),
    "LastValue": Function(
        "last_value(x ignore nulls) over (order by y nulls first rows between unbounded preceding and 1 preceding)",
        "LAST_VALUE(x IGNORE NULLS) OVER (ORDER BY y rows BETWEEN UNBOUNDED preceding AND 1 preceding)",
        "NULL counts as a value unless ignore nulls; write the frame",
    ),
    "NthValue": Function("nth_value(x, 2) over (order by y nulls first)", "NTH_VALUE(x, 2) OVER (ORDER BY y)", "NULL before the nth row"),
    # choice
    "Coalesce": Function("coalesce(x, y)", "COALESCE(x, y)", "the first that isn't NULL"),
    "Nullif": Function("nullif(x, 0)", "NULLIF(x, 0)", "NULL where x is 0: what a divisor needs"),
    "If": Function("if(x, y, z)", "IF(x, y, z)", "NULL counts as false"),
    "Greatest": Function("greatest(x, y)", "GREATEST(x, y)", "DuckDB ignores NULL, BigQuery returns NULL: only over what is never NULL"),
    "Least": Function("least(x, y)", "LEAST(x, y)", "DuckDB ignores NULL, BigQuery returns NULL: only over what is never NULL"),
    # numbers
    "Abs": Function("abs(x)", "ABS(x)", "exact"),
    "Sign": Function("sign(x)", "SIGN(x)", "0 for 0"),
    "Round": Function("round(x, 2)", "ROUND(x, 2)", "half away from zero"),
    "Floor": Function("floor(x)", "FLOOR(x)", "towards minus infinity"),
    "Ceil": Function("ceil(x)", "CEIL(x)", "towards plus infinity"),
    "Trunc": Function("trunc(x)", "TRUNC(x)", "towards zero"),
    "Mod": Function("mod(x, nullif(y, 0))", "MOD(x, NULLIF(y, 0))", "the dividend's sign; 0 as divisor is an error in BigQuery"),
    "Sqrt": Function("sqrt(x)", "SQRT(x)", "an error below 0; the same digits everywhere"),
    "Pow": Function("power(x, 2)", "POWER(x, 2)", "a DOUBLE; write x * x for an exact square"),
    "Exp": Function("exp(x)", "EXP(x)", "the last digit may differ between machines"),
    "Ln": Function("ln(x)", "LN(x)", "an error at 0 and below; the last digit may differ between machines"),
    "Sin": Function("sin(x)", "SIN(x)", "radians; the last digit may differ between machines"),
    "Cos": Function("cos(x)", "COS(x)", "radians; the last digit may differ between machines"),
    "Asin": Function("asin(x)", "ASIN(x)", "an error outside [-1, 1]; the last digit may differ between machines"),
    "Acos": Function("acos(x)", "ACOS(x)", "an error outside [-1, 1]; acos(-1) is pi; the last digit may differ between machines"),
    "Atan2": Function("atan2(y, x)", "ATAN2(y, x)", "radians; the last digit may differ between machines"),
    "IsNan": Function("isnan(x)", "IS_NAN(x)", "NULL for NULL"),
    # text
    "Lower": Function("lower(x)", "LOWER(x)", "NULL for NULL"),
    "Upper": Function("upper(x)", "UPPER(x)", "NULL for NULL"),
    "Trim": Function("trim(x)", "TRIM(x)", "blanks on both sides"),
    "Length": Function("length(x)", "LENGTH(x)", "characters of a TEXT"),
    "Substring": Function("substr(x, 1, 3)", "SUBSTRING(x, 1, 3)", "counts from 1; positions below 1 differ"),
    "Left": Function("left(x, 2)", "LEFT(x, 2)", "a negative length differs"),
    "Right": Function("right(x, 2)", "RIGHT(x, 2)", "a negative length differs"),
    "Replace": Function("replace(x, 'a', 'b')", "REPLACE(x, 'a', 'b')", "every occurrence"),
    "Pad": Function("lpad(x, 10, '0')", "LPAD(x, 10, '0')", "cuts what is longer"),
    "StartsWith": Function("starts_with(x, 'a')", "STARTS_WITH(x, 'a')", "case counts"),
    "StrPosition": Function("strpos(x, 'a')", "INSTR(x, 'a')", "counts from 1; 0 where there is none; case counts"),
    # dates
    "DateDiff": Function(
        "date_diff('day', x, y)", "DATE_DIFF(y, x, DAY)", "days from DATE x to DATE y; other units and TIMESTAMPs count differently"
    ),
    "Extract": Function("extract(year from x)", "EXTRACT(YEAR FROM x)", "year, quarter, month, day or hour; day of the week: isodow(x)"),
    "Year": Function("year(x)", "EXTRACT(YEAR FROM x)", "NULL for NULL"),
    "Month": Function("month(x)", "EXTRACT(MONTH FROM x)", "NULL for NULL"),
    "DayOfWeekIso": Function("isodow(x)", "(MOD(EXTRACT(DAYOFWEEK FROM x) + 5, 7) + 1)", "Monday is 1, Sunday 7"),
    "DateFromParts": Function("make_date(2024, 1, 31)", "DATE(2024, 1, 31)", "an error for a date that doesn't exist"),
}

CONSTRUCTS: dict[str, str] = {
    "Select": "select",
    "From": "from",
    "Where": "where",
    "Group": "group by (columns or positions)",
    "Having": "having",
    "Order": "order by",
    "Ordered": "order by",
    "Distinct": "select distinct, count(distinct x)",
    "Join": "inner, cross, left, right and full joins; an outer join needs an equality between its two sides",
    "With": "common table expressions",
    "CTE": "common table expressions",
    "Subquery": "subqueries; a correlated one needs an equality with the outer row",
    "Exists": "exists",
    "In": "in (values), in (subquery)",
    "Union": "union, union all",
    "Except": "except",
    "Intersect": "intersect",
    "Values": "values, as a table with named columns",
    "Table": "relations",
    "TableAlias": "aliases",
    "Alias": "aliases",
    "Column": "columns",
    "Identifier": "names",
    "Star": "*, * exclude (...)",
    "Literal": "numbers and texts",
    "Boolean": "true, false",
    "Null": "null",
    "Paren": "parentheses",
    "Case": "case",
    "Cast": "casts to BIGINT, DOUBLE, DECIMAL(p, 9), TEXT, BOOLEAN, DATE, TIMESTAMP",
    "TryCast": "try_cast, to the same types",
    "DataType": "types",
    "DataTypeParam": "types",
    "And": "and",
    "Or": "or",
    "Not": "not",
    "EQ": "=",
    "NEQ": "<>",
    "LT": "<",
    "LTE": "<=",
    "GT": ">",
    "GTE": ">=",
    "Is": "is null, is true, is false",
    "NullSafeEQ": "is not distinct from",
    "NullSafeNEQ": "is distinct from",
    "Between": "between",
    "Like": "like",
    "Add": "+ of numbers; DATE + days; TIMESTAMP + interval",
    "Sub": "- of numbers; DATE - days; TIMESTAMP - interval",
    "Mul": "*",
    "Div": "/ by nullif(x, 0) or another divisor that can't be 0",
    "IntDiv": "// by nullif(x, 0) or another divisor that can't be 0",
    "Neg": "unary minus",
    "DPipe": "|| of texts",
    "Interval": "intervals of a TIMESTAMP",
    "Var": "units",
    "Window": "over (partition by ... order by ...), written inline",
    "WindowSpec": "rows between, range between (whole numbers)",
    "IgnoreNulls": "ignore nulls of first_value, last_value, nth_value",
    "Filter": "filter (where ...) of an aggregate of one argument that has no over",
}

STATEMENTS: dict[str, str] = {
    "Insert": "insert into ... (columns) select, or values",
    "Schema": "insert into ... (columns) select, or values",
    "Update": "update ... set ... where",
    "Delete": "delete from ... where",
    "Placeholder": "?, a parameter",
    "Limit": "limit after order by; the order is total",
}
"""What a statement of the engine's own may use beside it; a declaration may not."""

ADVICE: dict[str, str] = {
    "Median": "take the lower median by row_number()",
    "Mode": "count per value and take row_number() = 1",
    "PercentileCont": "take the value by row_number()",
    "PercentileDisc": "take the value by row_number()",
    "Quantile": "take the value by row_number()",
    "RegrSlope": "compute it from sums of powers",
    "Skewness": "compute it from sums of powers",
    "StddevSamp": "compute it from sums of squares",
    "StddevPop": "compute it from sums of squares",
    "Stddev": "compute it from sums of squares",
    "Variance": "compute it from sums of squares",
    "VariancePop": "compute it from sums of squares",
    "Corr": "compute it from sums of products",
    "ArgMax": "take row_number() = 1 of a total order; ties and NULLs differ",
    "ArgMin": "take row_number() = 1 of a total order; ties and NULLs differ",
    "AnyValue": "use min() or max(); any value isn't the same value twice",
    "Concat": "use ||; concat treats NULL differently",
    "Log": "use ln; log has another base in BigQuery",
    "ILike": "use lower(x) like",
    "Contains": "use strpos(x, y) > 0; BigQuery's ignores case",
    "Radians": "multiply by acos(-1) / 180",
    "Pi": "use acos(-1)",
    "Columns": "list the columns",
    "Qualify": "filter the row_number() in an outer select",
    "Explode": "use rows instead of lists",
    "Unnest": "use rows instead of lists",
    "Array": "use rows instead of lists",
    "ArrayAgg": "use rows instead of lists",
    "Struct": "use columns instead of structs",
    "Bracket": "use substr for texts, rows instead of lists",
    "Tuple": "compare column by column",
    "Lateral": "join on an equality",
    "TimeToUnix": "compare times, or add intervals to them",
    "TimestampTrunc": "compare years and months by extract",
    "DateTrunc": "compare years and months by extract",
    "DayOfWeek": "use isodow; days are numbered differently",
    "GroupingSets": "group by its columns, and union all",
    "Rollup": "group by its columns, and union all",
    "Cube": "group by its columns, and union all",
    "Limit": "filter the row_number() of a total order",
}


def documentation() -> str:
    """The allow list as Markdown, as it stands in `docs/portable-sql.md`."""
    rows = [f"| {_code(f.duckdb)} | {_code(f.bigquery)} | {f.note.replace('|', chr(92) + '|')} |" for f in FUNCTIONS.values()]
    constructs = [f"- {text}" for text in dict.fromkeys(CONSTRUCTS.values())]
    statements = [f"- {text}" for text in dict.fromkeys(STATEMENTS.values())]
    advice = [f"| {_words(name)} | {text.replace('|', chr(92) + '|')} |" for name, text in sorted(ADVICE.items())]
    return "\n".join(
        [
            "| DuckDB | BigQuery | NULL, zero, rounding |",
            "|---|---|---|",
            *rows,
            "",
            "### Constructs",
            "",
            *constructs,
            "",
            "### In statements of the engine's own",
            "",
            *statements,
            "",
            "### Instead of",
            "",
            "| not portable | instead |",
            "|---|---|",
            *advice,
        ]
    )


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() and i and not name[i - 1].isupper() else c.lower() for i, c in enumerate(name))
