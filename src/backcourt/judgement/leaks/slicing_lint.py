"""A lint of the package's own source: nothing is grouped, binned or sliced by a result of the game."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.leaks.finding import Finding

RESULTS = frozenset({"actual", "actuals", "result", "results", "label", "outcome", "y_true"})
GROUPING = frozenset({"Slice", "by_slice", "labels", "digitize", "searchsorted", "groupby", "cut", "qcut"})
_SQL = re.compile(r"(group\s+by|partition\s+by|width_bucket\s*\(|ntile[^)]*order\s+by)[^;)]*\b(actual|label_\w+|outcome)\b", re.IGNORECASE)


def slices_by_results(source: str, name: str) -> list[str]:
    """Places in a Python source where a grouping call or a SQL text names a result; `file:line: what`."""
    found = []
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.Call) and _called(node) in GROUPING:
            arguments = (*node.args, *(keyword.value for keyword in node.keywords))
            named = {word for argument in arguments for word in _names(argument)} & RESULTS
            found += [f"{name}:{node.lineno}: {_called(node)} by {word}" for word in sorted(named)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            found.append(f"{name}:{node.lineno}: SQL groups by a result")
    return found


def lint(folder: Path) -> Finding:
    """The lint over every Python file under `folder`. Raises BackcourtError when there is none: it would guard nothing."""
    files = sorted(folder.rglob("*.py"))
    if not files:
        raise BackcourtError(f"{folder} holds no Python files to lint; pass the folder of a package.")
    found = [place for file in files for place in slices_by_results(file.read_text(), str(file.relative_to(folder)))]
    listed = "; ".join(found[:5]) if found else "no slice by a result"
    return Finding("slices by results", not found, float(len(found)), 0.0, len(files), f"{len(files)} files: {listed}")


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _names(node: ast.AST) -> Iterator[str]:
    """Names, attributes, and text subscripts (`rows["actual"]`) in an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
            yield part.slice.value
