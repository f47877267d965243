"""What code says: a hash over a file and all that it imports, so that stored results are stale exactly when what made them changed.

Followed are imports that run when a file is imported, transitively, within `forecasting`, `field` and the file's own
folder in a home. What `engine`, `features` and `tables` contribute is covered by the content of the values that they
give. Comments, docstrings and blank lines say nothing.
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

FOLLOWED = ("backcourt.forecasting", "backcourt.field")
_PACKAGE = Path(__file__).parents[1]
_UNSAID = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)
_SHAPE = (tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE)


def fingerprint(roots: Iterable[Path]) -> str:
    """The first 16 hex digits of a SHA-256 over what the files and their imports say, whatever the order of `roots`.

    Raises SyntaxError for a file that isn't Python, OSError for one that can't be read.
    """
    digest = hashlib.sha256()
    for file in files_of(roots):
        digest.update(_said(file).encode())
    return digest.hexdigest()[:16]


def files_of(roots: Iterable[Path]) -> tuple[Path, ...]:
    """The files and all that they import, sorted: those of the package first, then those of a home."""
    found: set[Path] = set()
    waiting = [file.resolve() for file in roots]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += imported(file)
    return tuple(sorted(found, key=lambda file: (not file.is_relative_to(_PACKAGE), file)))


def imported(file: Path) -> set[Path]:
    """The files that are imported, and followed, when this one is: the packages that it lies in, too."""
    names = {name for node in _running(_parsed(file).body) for name in _names(node)}
    if file.is_relative_to(_PACKAGE):
        names.add(".".join(("backcourt", *file.parent.relative_to(_PACKAGE).parts)))
    return {found for name in names for found in _followed(name, file.parent)}


def _followed(name: str, folder: Path) -> Iterator[Path]:
    if name.startswith(FOLLOWED):
        parts = name.split(".")[1:]
        # A package runs before what lies in it.
        yield from filter(Path.is_file, (_PACKAGE.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)))
        own = _PACKAGE.joinpath(*parts).with_suffix(".py")
    else:
        own = folder / f"{name.partition('.')[0]}.py"
    if own.is_file():
        yield own


def _running(body: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements that run at import time: not those in functions, nor those for the type checker alone."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            is_for_types = isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test)
            for field in ("orelse",) if is_for_types else ("body", "orelse", "finalbody", "handlers"):
                yield from _running(getattr(statement, field, []))


def _names(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _parsed(file: Path) -> ast.Module:
    return _parse(file, *_version(file))


def _said(file: Path) -> str:
    return _say(file, *_version(file))


def _version(file: Path) -> tuple[int, int]:
    state = file.stat()
    return state.st_mtime_ns, state.st_size


@lru_cache(512)
def _parse(file: Path, changed_at: int, size: int) -> ast.Module:
    return ast.parse(file.read_bytes(), filename=str(file))


@lru_cache(512)
def _say(file: Path, changed_at: int, size: int) -> str:
    standing_alone = {
        line
        for node in ast.walk(_parse(file, changed_at, size))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    parts = [file.name]
    for token in tokenize.tokenize(io.BytesIO(file.read_bytes()).readline):
        if token.type in _UNSAID or (token.start[0] in standing_alone and token.type in (tokenize.STRING, tokenize.NEWLINE)):
            continue
        parts.append(tokenize.tok_name[token.type] if token.type in _SHAPE else token.string)
    return "\x1f".join(parts)
