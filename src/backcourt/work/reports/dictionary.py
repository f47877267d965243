"""docs/tables.md, made from the declarations: every table and column, type and meaning, and what explains a NULL."""

from __future__ import annotations

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.contract import REASON
from backcourt.engine.declare.statement import Column

_HEAD = """# Tables and columns

Made from the declarations (`make docs`); don't edit. The same words stand in the warehouse as comments on tables and
columns.

What a column says of NULL is enforced on every build (`not_null(column)`, `explained_nulls(group)`), and what breaks it
is withheld like what breaks any check. **never** is never NULL. The columns of a group are NULL only where
`<group>_null_reason` says why, and that says so only where one of them is. **may be** is for tables that are appended
to, whose meanings say when.
"""


def tables_markdown(catalog: Catalog) -> str:
    """The document: a table of columns per table, in the order of the graph."""
    listed = [node for node in catalog.nodes.values() if node.is_built or node.is_appended]
    counted = f"\n{len(listed)} tables, {sum(len(node.columns) for node in listed):,} columns.\n"
    return "\n".join([_HEAD + counted, *(_section(node) for node in listed)])


def _section(node: Node) -> str:
    kind = "a view" if node.is_view else "appended to" if node.is_appended else "built"
    told = f"{node.meaning}. Phase {node.phase}, {kind}; a row is one ({', '.join(node.table.grain)})."
    head = [f"## {node.name}", "", told, "", "| column | type | meaning | NULL |", "|---|---|---|---|"]
    return "\n".join([*head, *(_line(column) for column in node.columns), ""])


def _line(column: Column) -> str:
    return f"| `{column.name}` | {column.type} | {_cell(column.meaning)} | {_null(column)} |"


def _null(column: Column) -> str:
    if column.null_group:
        return column.null_group
    if column.may_be_null:
        return "may be"
    return "where there is none" if column.name.endswith(REASON) else "never"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Print the document."""
    from backcourt.tables import declared as declarations

    print(tables_markdown(declarations.catalog(None, None)), end="")  # noqa: T201


if __name__ == "__main__":
    main()
