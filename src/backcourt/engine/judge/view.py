"""What is special about views: they have no rows of their own that could be damaged or repaired."""

from __future__ import annotations

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.measuring import FromRows
from backcourt.engine.judge.upstream import Upstream


def follows(facts: Facts, measuring: FromRows, upstream: Upstream, node: Node) -> bool:
    """Is this a view whose content follows from its receipts?

    While its query is the declared one, its inputs are intact and every receipt names today's inputs, its rows are
    those that were measured when the receipts were written.
    """
    return (
        node.is_view
        and measuring.is_defined(node)
        and not any(upstream.damage(name) for name in node.reads)
        and all(facts.is_current(node, day) for day in facts.of(node))
    )
