"""Portable SQL: what a query, a check, an expectation or a relation may use so that DuckDB and BigQuery give the same rows.

The rules are an allow list (`allowed.py`), because SQLGlot passes what it doesn't know through to BigQuery unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, SqlglotError, UnsupportedError
from sqlglot.optimizer.scope import Scope

from backcourt.engine.errors import DeclarationError
from backcourt.engine.portable.allowed import ADVICE, CONSTRUCTS, FUNCTIONS, STATEMENTS
from backcourt.engine.portable.column_types import Schema, Types, family
from backcourt.engine.portable.joins import join_violations

_AGGREGATES_OF_ONE_ARGUMENT = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Count, exp.LogicalOr, exp.LogicalAnd)
_WITH_IGNORE_NULLS = (exp.FirstValue, exp.LastValue, exp.NthValue)
_EXTRACTABLE = {"YEAR", "QUARTER", "MONTH", "DAY", "HOUR"}
_CAST_TARGETS = {"BIGINT", "DOUBLE", "DECIMAL", "TEXT", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMPNTZ"}
_NUMERIC_SCALE = 9
_LONGEST_EXCERPT = 90


def violations(sql: str, *, schema: Schema | None = None) -> list[str]:
    """Every rule that the query breaks, one sentence each; empty when it is portable.

    `schema` maps relations to their columns and DuckDB types. With it, a sum or mean whose type can't be told is a
    violation too; without it, only what the query itself casts or divides is known to be DOUBLE.
    """
    return _violations(sql, schema, CONSTRUCTS.keys())


def statement_violations(sql: str, *, schema: Schema | None = None) -> list[str]:
    """As `violations`, of a SELECT, INSERT, UPDATE or DELETE that the engine itself hands to a warehouse."""
    return _violations(sql, schema, CONSTRUCTS.keys() | STATEMENTS.keys())


def _violations(sql: str, schema: Schema | None, constructs: Collection[str]) -> list[str]:
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except ParseError as error:
        return [f"The query doesn't parse: {_first_line(error)}"]
    types = Types(tree, schema)
    found = [*_unlisted(tree, constructs), *_shapes(tree), *_changes(tree)]
    for scope in types.scopes:
        found += join_violations(scope, types)
        found += _aliases_read_beside_their_definition(scope, types)
        for node in scope.walk():
            found += _typed(node, scope, types, schema is not None)
    try:
        to_bigquery(sql)
    except DeclarationError as error:
        found.append(str(error))
    return list(dict.fromkeys(found))


def to_bigquery(sql: str) -> str:
    """The query in BigQuery's spelling; TIMESTAMP (UTC) stays TIMESTAMP.

    Raises DeclarationError when SQLGlot can't translate it or can't read its own translation.
    """
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
        for type_ in tree.find_all(exp.DataType):
            if type_.this == exp.DType.TIMESTAMPNTZ:
                # SQLGlot's name for what BigQuery calls TIMESTAMP; without it the type would become DATETIME.
                type_.set("this", exp.DType.TIMESTAMPTZ)
        for cte in tree.find_all(exp.CTE):
            cte.set("materialized", None)
        translated = tree.sql("bigquery", unsupported_level=ErrorLevel.RAISE)
        sqlglot.parse_one(translated, read="bigquery")
    except UnsupportedError as error:
        raise DeclarationError(f"SQLGlot can't translate the query to BigQuery: {_first_line(error)}.") from error
    except SqlglotError as error:
        raise DeclarationError(f"The query can't be translated to BigQuery: {_first_line(error)}") from error
    return translated


def _unlisted(tree: exp.Expr, constructs: Collection[str]) -> Iterator[str]:
    """Nodes and functions outside the allow list."""
    for node in tree.walk():
        name, text = type(node).__name__, _Excerpt(node)
        if isinstance(node, exp.Anonymous):
            yield f"{text}: the function {node.name.lower()} is not on the allow list; rewrite it, or add it with BigQuery's spelling."
        elif isinstance(node, exp.Tuple) and isinstance(node.parent, exp.Values):
            continue
        elif name not in FUNCTIONS and name not in constructs:
            advice = ADVICE.get(name, "rewrite it, or add it with BigQuery's spelling")
            yield f"{text}: {name} is not on the allow list; {advice}."


def _has(*names: str) -> Callable[[Any], bool]:
    """Is one of these parts of a node given?"""
    return lambda node: any(node.args.get(name) for name in names)


def _is_over_interval(node: exp.WindowSpec) -> bool:
    return any(isinstance(node.args.get(side), exp.Interval) for side in ("start", "end"))


_SHAPES: tuple[tuple[type | tuple[type, ...], Callable[[Any], bool], str], ...] = (
    (exp.Select, _has("windows"), "named windows don't translate; write each window inline"),
    (
        exp.Select, lambda node: node.args.get("where") and not node.args.get("from_"),
        "BigQuery has no where without a from; select from a query of one row",
    ),
    (exp.Distinct, _has("on"), "distinct on doesn't exist in BigQuery; take row_number() = 1 of a total order"),
    (exp.Group, _has("all"), "group by lists its columns; all isn't on the allow list"),
    (exp.Ordered, lambda node: isinstance(node.this, exp.Var), "order by lists its columns; BigQuery has no order by all"),
    (
        exp.Window, lambda node: isinstance(node.this, exp.Filter),
        "filter together with over doesn't translate; put a case inside the aggregate",
    ),
    (
        exp.Filter, lambda node: not isinstance(node.this, _AGGREGATES_OF_ONE_ARGUMENT),
        "filter translates only for aggregates of one argument; put a case inside",
    ),
    (
        exp.IgnoreNulls, lambda node: not isinstance(node.this, _WITH_IGNORE_NULLS),
        "ignore nulls exists in BigQuery only for first_value, last_value and nth_value",
    ),
    (exp.WindowSpec, _is_over_interval, "BigQuery has no range over an interval; order by date_diff('day', date '1970-01-01', d)"),
    (exp.SetOperation, _has("by_name"), "by name isn't on the allow list; list the columns in one order"),
    (exp.Star, _has("replace", "rename"), "* replace and * rename aren't on the allow list; list the columns"),
    (exp.With, _has("recursive"), "recursive queries aren't on the allow list; the engine bounds inputs by date, so join instead"),
    (
        exp.Extract, lambda node: node.name.upper() not in _EXTRACTABLE,
        "extract may take year, quarter, month, day or hour; other parts are counted differently",
    ),
    (
        exp.DateDiff, lambda node: node.text("unit").upper() != "DAY",
        "date_diff may count days only; other units count boundaries in DuckDB and whole units in BigQuery",
    ),
    (
        (exp.Div, exp.IntDiv, exp.Mod), lambda node: not _never_zero(node.expression),
        "0 as divisor is inf or NULL in DuckDB and an error in BigQuery; divide by nullif(..., 0)",
    ),
)  # fmt: skip
"""Kind of node, when a node of it is meant, and what is said of it."""


def _shapes(tree: exp.Expr) -> Iterator[str]:
    """Allowed nodes in forms that BigQuery lacks or reads differently."""
    for node in tree.walk():
        text = _Excerpt(node)
        said = next((said for kind, is_meant, said in _SHAPES if isinstance(node, kind) and is_meant(node)), None)
        if said:
            yield f"{text}: {said}."
        elif isinstance(node, exp.Window) and isinstance(node.this, _AGGREGATES_OF_ONE_ARGUMENT) and _puts_nulls_last(node):
            order = _Excerpt(node.args["order"])
            yield f"{order}: BigQuery can't put NULLs last in the window of an aggregate; write `nulls first` after each ascending key."
        elif isinstance(node, exp.Cast | exp.TryCast):
            yield from _cast_target(node)


def _changes(tree: exp.Expr) -> Iterator[str]:
    """Statements that change rows, and limits, in forms that BigQuery lacks or that give other rows."""
    for node in tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Limit):
        text = _Excerpt(node)
        if isinstance(node, exp.Insert) and (node.args.get("alternative") or node.args.get("by_name")):
            yield f"{text}: BigQuery only inserts, by position; delete what is replaced, and list the columns."
        elif isinstance(node, exp.Update | exp.Delete) and not node.args.get("where"):
            yield f"{text}: BigQuery changes no rows without a where; write `where true` for all of them."
        elif isinstance(node, exp.Limit) and not (node.parent and node.parent.args.get("order")):
            yield f"{text}: a limit without an order gives other rows each time; order by a total order."


def _cast_target(node: exp.Cast | exp.TryCast) -> Iterator[str]:
    target = node.to
    name = target.this.name if isinstance(target.this, exp.DType) else str(target.this)
    if name not in _CAST_TARGETS or target.args.get("nested"):
        allowed = "BIGINT, DOUBLE, DECIMAL(p, 9), TEXT, BOOLEAN, DATE or TIMESTAMP"
        yield f"{_Excerpt(node)}: the type {target.sql('duckdb')} isn't portable; use {allowed}."
    elif name == "DECIMAL":
        parameters = [parameter.name for parameter in target.expressions]
        if len(parameters) != 2 or int(parameters[1]) != _NUMERIC_SCALE:
            yield f"{_Excerpt(node)}: BigQuery keeps {_NUMERIC_SCALE} digits whatever the scale; write decimal(p, {_NUMERIC_SCALE})."


def _typed(node: exp.Expr, scope: Scope, types: Types, is_complete: bool) -> Iterator[str]:
    """Rules that need the types of what a node takes."""
    if isinstance(node, exp.Sum | exp.Avg):
        yield from _inexact(node, types.of(node.this, scope), is_complete)
    elif isinstance(node, exp.Cast | exp.TryCast):
        yield from _lossy(node, types.of(node.this, scope))
    elif isinstance(node, exp.DPipe):
        for side in (node.this, node.expression):
            if types.of(side, scope) not in (None, "TEXT"):
                yield f"{_Excerpt(node)}: BigQuery joins texts only; cast {_Excerpt(side)} to text."
    elif isinstance(node, _OF_TWO):
        yield from _of_two(node, types.of(node.this, scope), types.of(node.expression, scope))


_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_OF_TWO = (exp.Div, exp.Mul, exp.Add, exp.Sub, exp.DateDiff, *_COMPARISONS)


def _of_two(node: exp.Expr, left: str | None, right: str | None) -> Iterator[str]:
    """Rules of nodes with two sides of these types."""
    text, pair = _Excerpt(node), (left, right)
    if isinstance(node, _COMPARISONS):
        yield from _incomparable(node, left, right)
    elif isinstance(node, exp.Div):
        if "DECIMAL" in pair and "DOUBLE" not in pair:
            yield f"{text}: a decimal division is DOUBLE in DuckDB and rounded in BigQuery; cast one side to double."
    elif isinstance(node, exp.Mul):
        if pair == ("DECIMAL", "DECIMAL") and not _is_cast_to_decimal(node):
            yield f"{text}: BigQuery rounds a product of decimals to 9 digits, DuckDB doesn't; cast the product to decimal(38, 9)."
    elif isinstance(node, exp.DateDiff):
        if "TIMESTAMP" in pair:
            yield f"{text}: date_diff may take DATEs only; cast the TIMESTAMPs to date."
    elif isinstance(node, exp.Sub) and {left, right} <= {"DATE", "TIMESTAMP"}:
        yield f"{text}: a date minus a date is a number in DuckDB and an interval in BigQuery; use date_diff('day', earlier, later)."
    elif "DATE" in pair and "INTERVAL" in pair:
        yield f"{text}: a DATE plus an interval is a TIMESTAMP in DuckDB and a DATETIME in BigQuery; add a number of days."


def _is_cast_to_decimal(node: exp.Expr) -> bool:
    around = node.parent
    while isinstance(around, exp.Paren):
        around = around.parent
    return isinstance(around, exp.Cast) and family(around.to) == "DECIMAL"


def _inexact(node: exp.Expr, type_: str | None, is_complete: bool) -> Iterator[str]:
    name = type(node).__name__.lower()
    if type_ == "DOUBLE":
        yield f"{_Excerpt(node)}: a {name} of DOUBLE depends on the order of the rows; cast to decimal(18, 9) inside, or sum integers."
    elif type_ == "BOOL":
        yield f"{_Excerpt(node)}: BigQuery has no {name} of BOOL; use count_if, or cast to bigint inside."
    elif type_ is None and is_complete:
        yield f"{_Excerpt(node)}: the type inside can't be told, so the {name} may be inexact; cast to bigint or decimal(18, 9) inside."


def _lossy(node: exp.Cast | exp.TryCast, source: str | None) -> Iterator[str]:
    target = family(node.to)
    whole = node.this.unnest()
    if target == "INT" and source == "DOUBLE" and not isinstance(whole, exp.Round | exp.Floor | exp.Ceil | exp.Trunc):
        yield f"{_Excerpt(node)}: DuckDB rounds .5 to even and BigQuery away from zero; round, floor or ceil before the cast."
    elif source == "BOOL" and target in ("DOUBLE", "DECIMAL"):
        yield f"{_Excerpt(node)}: BigQuery casts BOOL to integers and text only; cast to bigint first."
    elif target == "TEXT" and source in ("DOUBLE", "DECIMAL", "TIMESTAMP"):
        yield f"{_Excerpt(node)}: a {source} has another text in BigQuery; build the text from integers or dates."


def _incomparable(node: exp.Expr, left: str | None, right: str | None) -> Iterator[str]:
    numbers = {"INT", "DECIMAL", "DOUBLE"}
    if left is None or right is None or left == right or {left, right} <= numbers:
        return
    if any(isinstance(side, exp.Literal) and side.is_string for side in (node.this, node.args["expression"])):
        return
    yield f"{_Excerpt(node)}: BigQuery doesn't compare {left} with {right}; cast one of them."


def _aliases_read_beside_their_definition(scope: Scope, types: Types) -> Iterator[str]:
    """A select that reads an alias of its own (in another column, in where, in a join): DuckDB does that, BigQuery doesn't."""
    select = scope.expression
    if not isinstance(select, exp.Select):
        return
    aliases = {p.alias.lower() for p in select.expressions if isinstance(p, exp.Alias)}
    readable_by_alias = {
        id(c) for key in ("group", "having", "order") if select.args.get(key) for c in select.args[key].find_all(exp.Column)
    }
    for column in scope.columns:
        name = column.name.lower()
        if column.table or name not in aliases or id(column) in readable_by_alias:
            continue
        is_source = types.is_source_column(name, scope)
        if is_source is False or (is_source is None and not _renames(select, name)):
            yield f"{_Excerpt(select)}: {name} is an alias of the same select, which BigQuery can't read; compute it in an inner select."


def _renames(select: exp.Select, name: str) -> bool:
    """Does the alias's own expression read a bare column of that name, which then is a source's?"""
    defined = [p for p in select.expressions if isinstance(p, exp.Alias) and p.alias.lower() == name]
    return any(c.name.lower() == name and not c.table for p in defined for c in p.find_all(exp.Column))


def _puts_nulls_last(window: exp.Window) -> bool:
    order = window.args.get("order")
    return order is not None and any(not key.args.get("desc") and not key.args.get("nulls_first") for key in order.expressions)


def _never_zero(node: exp.Expr) -> bool:
    """Can the divisor not be 0? NULL is fine: the result is NULL in both."""
    node = node.unnest()
    if isinstance(node, exp.Nullif):
        return isinstance(node.expression, exp.Literal) and float(node.expression.name) == 0
    if isinstance(node, exp.Literal):
        return not node.is_string and float(node.name) != 0
    if isinstance(node, exp.Mul):
        return _never_zero(node.this) and _never_zero(node.expression)
    if isinstance(node, exp.Neg | exp.Abs | exp.Sqrt):
        return _never_zero(node.this)
    if isinstance(node, exp.Cast):
        return family(node.to) == "DOUBLE" and _never_zero(node.this)
    if isinstance(node, exp.Greatest):
        return any(_is_positive_literal(argument) for argument in (node.this, *node.expressions))
    return False


def _is_positive_literal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) > 0


class _Excerpt:
    """The beginning of a node's text. Nodes are many and sentences few, so it is written out when a sentence wants it."""

    def __init__(self, node: exp.Expr) -> None:
        self._node = node

    def __str__(self) -> str:
        text = " ".join(self._node.sql("duckdb", comments=False).split())
        return f"`{text if len(text) <= _LONGEST_EXCERPT else text[: _LONGEST_EXCERPT - 3] + '...'}`"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
