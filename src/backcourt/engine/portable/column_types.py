"""What type an expression has, as far as casts, literals, functions and a schema tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

Schema = Mapping[str, Mapping[str, str]]
"""Relation -> column -> DuckDB type."""

_FAMILIES = {
    "BIGINT": "INT", "INT": "INT", "SMALLINT": "INT", "TINYINT": "INT", "UBIGINT": "INT", "UINT": "INT", "INT128": "INT",
    "DOUBLE": "DOUBLE", "FLOAT": "DOUBLE", "DECIMAL": "DECIMAL", "BOOLEAN": "BOOL", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMPNTZ": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMP", "TEXT": "TEXT", "VARCHAR": "TEXT", "INTERVAL": "INTERVAL",
}  # fmt: skip

_FIXED = {
    exp.Count: "INT", exp.CountIf: "INT", exp.RowNumber: "INT", exp.Rank: "INT", exp.DenseRank: "INT", exp.Ntile: "INT", exp.Div: "DOUBLE",
    exp.IntDiv: "INT", exp.Sqrt: "DOUBLE", exp.Ln: "DOUBLE", exp.Exp: "DOUBLE", exp.Pow: "DOUBLE", exp.Sin: "DOUBLE", exp.Cos: "DOUBLE",
    exp.Asin: "DOUBLE", exp.Acos: "DOUBLE", exp.Atan2: "DOUBLE", exp.Avg: "DOUBLE", exp.PercentRank: "DOUBLE", exp.CumeDist: "DOUBLE",
    exp.Length: "INT", exp.StrPosition: "INT", exp.DateDiff: "INT", exp.Extract: "INT", exp.Year: "INT", exp.Month: "INT",
    exp.DayOfWeekIso: "INT", exp.DateFromParts: "DATE", exp.Lower: "TEXT", exp.Upper: "TEXT", exp.Trim: "TEXT", exp.Substring: "TEXT",
    exp.Left: "TEXT", exp.Right: "TEXT", exp.Replace: "TEXT", exp.Pad: "TEXT", exp.DPipe: "TEXT", exp.Interval: "INTERVAL",
    exp.StartsWith: "BOOL", exp.LogicalOr: "BOOL", exp.LogicalAnd: "BOOL", exp.IsNan: "BOOL", exp.Exists: "BOOL", exp.Boolean: "BOOL",
}  # fmt: skip

_SAME_AS_ARGUMENT = (
    exp.Paren, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Sum, exp.Min, exp.Max, exp.Lag, exp.Lead, exp.FirstValue,
    exp.LastValue, exp.NthValue, exp.IgnoreNulls, exp.Window, exp.Filter, exp.Nullif, exp.Alias, exp.Distinct,
)  # fmt: skip


_CHOOSING = (exp.Coalesce, exp.Greatest, exp.Least, exp.Case, exp.If)
"""What gives one of its arguments."""


@dataclass
class Columns:
    """The columns of a source: name -> type family or None. `complete` is False when there may be others."""

    types: dict[str, str | None] = field(default_factory=dict)
    complete: bool = True


class Types:
    """Type families (INT, DECIMAL, DOUBLE, BOOL, TEXT, DATE, TIMESTAMP, INTERVAL) of the expressions of one query; None is unknown."""

    def __init__(self, tree: exp.Expr, schema: Schema | None) -> None:
        self._schema = {name.lower(): {c.lower(): t for c, t in columns.items()} for name, columns in (schema or {}).items()}
        self._columns: dict[int, Columns] = {}
        self.scopes = traverse_scope(tree)
        for scope in self.scopes:
            self._columns[id(scope)] = self._columns_of_scope(scope)

    def of(self, node: exp.Expr | None, scope: Scope) -> str | None:
        """The type family of an expression in its scope."""
        if node is None:
            return None
        if isinstance(node, exp.Cast | exp.TryCast):
            return family(node.to)
        if isinstance(node, exp.Literal):
            # BigQuery reads a number with a point as FLOAT64, so it isn't exact there.
            return "TEXT" if node.is_string else ("INT" if node.name.isdigit() else "DOUBLE")
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
            return "BOOL"
        if type(node) in _FIXED:
            return _FIXED[type(node)]
        if isinstance(node, _SAME_AS_ARGUMENT):
            inner = node.expressions[0] if isinstance(node, exp.Distinct) and node.expressions else node.this
            return self.of(inner, scope)
        if isinstance(node, _CHOOSING):
            return widest([self.of(choice, scope) for choice in _choices(node) if choice is not None and not is_null(choice)])
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod):
            return _arithmetic(self.of(node.this, scope), self.of(node.expression, scope))
        if isinstance(node, exp.Subquery):
            return self._scalar(node)
        return None

    def columns(self, source: object) -> Columns:
        """The columns of a source of a scope: another scope, or a stored relation."""
        if isinstance(source, Scope):
            return self._columns.get(id(source), Columns(complete=False))
        if isinstance(source, exp.Table) and source.name.lower() in self._schema:
            declared = self._schema[source.name.lower()]
            return Columns({name: family(exp.DataType.build(type_, dialect="duckdb")) for name, type_ in declared.items()})
        return Columns(complete=False)

    def is_source_column(self, name: str, scope: Scope) -> bool | None:
        """Does a source of the scope have this column? None when that can't be told."""
        sources = [self.columns(scope.sources[alias]) for alias in scope.selected_sources]
        if any(name in source.types for source in sources):
            return True
        return False if all(source.complete for source in sources) else None

    def _column(self, column: exp.Column, scope: Scope) -> str | None:
        name = column.name.lower()
        current: Scope | None = scope
        while current is not None:
            if column.table:
                if column.table in current.sources:
                    return self.columns(current.sources[column.table]).types.get(name)
            else:
                found = [self.columns(current.sources[alias]).types for alias in current.selected_sources]
                known = [types[name] for types in found if name in types]
                if known:
                    return widest(known)
            current = current.parent
        return None

    def _scalar(self, subquery: exp.Subquery) -> str | None:
        for scope in self.scopes:
            if scope.expression is subquery.this:
                types = list(self._columns[id(scope)].types.values()) if id(scope) in self._columns else []
                return types[0] if len(types) == 1 else None
        return None

    def _columns_of_scope(self, scope: Scope) -> Columns:
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            left, right = (self._columns[id(side)] for side in scope.set_operation_scopes)
            types = zip(left.types.items(), right.types.values(), strict=False)
            found = Columns({name: widest([a, b]) for (name, a), b in types}, left.complete)
        elif isinstance(expression, exp.Select):
            found = self._columns_of_select(expression, scope)
        elif isinstance(expression, exp.Values):
            found = self._columns_of_values(expression, scope)
        else:
            return Columns(complete=False)
        parent = expression.parent
        alias = parent.args.get("alias") if isinstance(parent, exp.CTE | exp.Subquery) else None
        if isinstance(alias, exp.TableAlias) and alias.columns and found.complete:
            names = [column.name.lower() for column in alias.columns]
            return Columns(dict(zip(names, found.types.values(), strict=False)))
        return found

    def _columns_of_select(self, select: exp.Select, scope: Scope) -> Columns:
        found = Columns()
        for projection in select.expressions:
            is_star = isinstance(projection, exp.Star) or (isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star))
            if not is_star:
                found.types[projection.alias_or_name.lower()] = self.of(projection, scope)
                continue
            star = projection if isinstance(projection, exp.Star) else projection.this
            excluded = {column.name.lower() for column in star.args.get("except_") or []}
            names = [projection.table] if isinstance(projection, exp.Column) else list(scope.selected_sources)
            for name in names:
                source = self.columns(scope.sources.get(name))
                found.complete &= source.complete
                found.types.update({column: type_ for column, type_ in source.types.items() if column not in excluded})
        return found

    def _columns_of_values(self, values: exp.Values, scope: Scope) -> Columns:
        alias = values.args.get("alias")
        names = [column.name.lower() for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
        rows = [row.expressions for row in values.expressions if isinstance(row, exp.Tuple)]
        by_column = zip(*rows, strict=False)
        return Columns(
            {n: widest([self.of(v, scope) for v in column if not is_null(v)]) for n, column in zip(names, by_column, strict=False)}
        )


def family(type_: exp.DataType) -> str | None:
    """The family of a declared type."""
    return _FAMILIES.get(type_.this.name if isinstance(type_.this, exp.DType) else str(type_.this))


def is_null(node: exp.Expr) -> bool:
    """Is it the literal NULL, which has every type?"""
    return isinstance(node, exp.Null)


def _choices(node: exp.Expr) -> list[exp.Expr | None]:
    """The arguments of which a node gives one."""
    if isinstance(node, exp.Case):
        return [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
    if isinstance(node, exp.If):
        return [node.args.get("true"), node.args.get("false")]
    return [node.this, *node.expressions]


def widest(types: list[str | None]) -> str | None:
    """The type of a choice between values: DOUBLE wins, then unknown, then DECIMAL."""
    for candidate in ("DOUBLE", None, "DECIMAL"):
        if candidate in types:
            return candidate
    return types[0] if types else None


def _arithmetic(left: str | None, right: str | None) -> str | None:
    dated = {"DATE", "TIMESTAMP"} & {left, right}
    if dated:
        return dated.pop()
    return widest([left, right])
