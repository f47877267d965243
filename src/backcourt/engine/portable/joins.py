"""Portable joins: kinds that BigQuery has, and the equality that its outer joins and correlated subqueries need."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from backcourt.engine.portable.column_types import Types


def join_violations(scope: Scope, types: Types) -> Iterator[str]:
    """The join rules that one select breaks."""
    select = scope.expression
    if not isinstance(select, exp.Select):
        return
    for join in select.args.get("joins") or []:
        yield from _join(join)
    outer = {id(column) for column in scope.columns if _is_of_outer_row(column, scope, types)}
    if not outer:
        return
    where = select.args.get("where")
    conditions = list(_conjuncts(where.this)) if where else []
    if scope.is_derived_table:
        yield f"{_text(select)}: a derived table that reads its neighbours is a lateral join; join on an equality."
    elif not any(isinstance(c, exp.EQ) and _is_outer(c.this, outer) != _is_outer(c.expression, outer) for c in conditions):
        yield f"{_text(select)}: a correlated subquery needs an equality with the outer row in BigQuery; add one, or join."


def _is_of_outer_row(column: exp.Column, scope: Scope, types: Types) -> bool:
    if not (scope.is_subquery or scope.is_derived_table):
        return False
    if column.table:
        return column.table not in scope.selected_sources
    is_alias = column.name.lower() in {p.alias.lower() for p in scope.expression.find_all(exp.Alias)}
    return not is_alias and types.is_source_column(column.name.lower(), scope) is False


def _join(join: exp.Join) -> Iterator[str]:
    if join.args.get("method"):
        yield f"{_text(join)}: {join.method.lower()} joins don't exist in BigQuery; join on an inequality and take row_number() = 1."
    elif join.kind not in ("", "INNER", "OUTER", "CROSS"):
        yield f"{_text(join)}: {join.kind.lower()} joins don't exist in BigQuery; use exists or not exists."
    elif join.side in ("LEFT", "RIGHT", "FULL") and not join.args.get("using"):
        condition = join.args.get("on")
        own = join.alias_or_name
        if condition is None or not any(_links(part, own) for part in _conjuncts(condition)):
            yield f"{_text(join)}: an outer join needs an equality between both of its sides in BigQuery; add one, with table names."


def _links(condition: exp.Expr, own: str) -> bool:
    """Is it an equality between the joined table and another one?"""
    if not isinstance(condition, exp.EQ):
        return False
    left = {column.table for column in condition.this.find_all(exp.Column)}
    right = {column.table for column in condition.expression.find_all(exp.Column)}
    return bool(left and right) and ((left == {own} and own not in right) or (right == {own} and own not in left))


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _is_outer(node: exp.Expr, outer: set[int]) -> bool:
    return any(id(column) in outer for column in node.find_all(exp.Column))


def _text(node: exp.Expr) -> str:
    text = " ".join(node.sql("duckdb", comments=False).split())
    return f"`{text if len(text) <= 90 else text[:87] + '...'}`"
