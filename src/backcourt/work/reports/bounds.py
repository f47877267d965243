"""docs/checks.md, made from the declarations: what fails, what warns, and why."""

from __future__ import annotations

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Check

_HEAD = """# Checks

Made from the declarations (`make docs`); don't edit. What **fails** is impossible: it breaks an identity, a rule of the game or a physical
limit, and takes its game with it, or itself where it belongs to no game (a season check fails its gate). What **warns** is only unusual: it
is listed by `backcourt verify`, and nothing is left out for it. A row that is right all the same can be waived (`backcourt waive`).

Not listed are the checks of the contract, which follow from the columns ([tables](tables.md)): `not_null(column)`
for each that is never NULL and `explained_nulls(group)` for each null group. They fail, in every table.

The checks of a **source** look at what a load brought of each finished game. A game that one names doesn't count as
loaded: the source's date is `partial`, tables that need it wait for it, and it is declared or waived like any hole.
"""


def checks_markdown(catalog: Catalog) -> str:
    """The document: a table of checks per table, in the order of the graph."""
    parts = [_HEAD]
    for node in catalog.nodes.values():
        checks = node.table.checks if node.is_built or node.is_appended else []
        lines = [_line(node, check) for check in checks]
        lines += [f"| `{check.name}` | **fails** | a game here | {check.reason} |" for check in node.game_checks]
        if lines:
            parts += [f"\n## {node.name}\n\n| check | | of | why |\n|---|---|---|---|", *lines]
    return "\n".join(parts) + "\n"


def _line(node: Node, check: Check) -> str:
    whole = "a season" if check.scope == "season" else "a game" if node.table.games != "none" else "a row"
    severity = "**fails**" if check.severity == "fail" else "warns"
    return f"| `{check.name}` | {severity} | {whole} | {check.reason} |"


def main() -> None:
    """Print the document."""
    from backcourt.tables import declared as declarations

    print(checks_markdown(declarations.catalog(None, None)), end="")  # noqa: T201


if __name__ == "__main__":
    main()
