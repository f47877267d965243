"""What a query says about itself: the relations it reads, its columns and its tokens. Parsed once per text, then cached."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from backcourt.engine import cache_file
from backcourt.engine.errors import DeclarationError

_COLUMN = re.compile(r"::\s*(?P<type>[a-z]\w*(?:\s*\([^)]*\))?)\s+as\s+(?P<name>\w+)\s*,?\s*--\s*(?P<meaning>.*)$", re.IGNORECASE)
_NULL = re.compile(r"\[null(?::\s*(?P<group>\w+))?\]\s*$")
_CACHE_VERSION = "5"


@dataclass(frozen=True)
class Column:
    """One column of a table, as its query's last select states it.

    A NULL is explained by the column `<null_group>_null_reason`; in a table that is appended to, which has no such
    columns, `may_be_null` says that the meaning tells when. Any other column has a value in every row.
    """

    name: str
    type: str
    meaning: str
    null_group: str | None
    may_be_null: bool = False


@dataclass(frozen=True)
class Statement:
    """The parsed facts of one query text."""

    relations: tuple[str, ...]
    tokens: str
    """SHA-256 of the token stream: comments, spacing and the case of bare words don't count."""
    outputs: tuple[str, ...]
    """The names of the columns that it gives, in order; `*` where it gives all of a relation."""


class StatementCache:
    """Parses queries with SQLGlot and remembers the facts by the text's hash, so that an unchanged file needs no parser.

    `path` is the cache file, or None to remember for this process only. A cache that can't be read or written is only
    slower.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._changed = False
        self._known: dict[str, Statement] = {}
        match cache_file.recall(path) if path else None:
            case {"version": str(version), "statements": dict(stored)} if version == _CACHE_VERSION:
                self._known = {
                    key: Statement(tuple(value["relations"]), value["tokens"], tuple(value["outputs"])) for key, value in stored.items()
                }

    def parse(self, sql: str, where: str) -> Statement:
        """The facts of `sql`; `where` names its place in error messages. Raises DeclarationError when it doesn't parse."""
        key = hashlib.sha256(sql.encode()).hexdigest()
        if key not in self._known:
            self._known[key] = _parse(sql, where)
            self._changed = True
        return self._known[key]

    def save(self) -> None:
        """Write the cache file if anything new was parsed; a read-only home keeps none."""
        if self._path is None or not self._changed:
            return
        body = {"version": _CACHE_VERSION, "statements": {key: asdict(value) for key, value in self._known.items()}}
        cache_file.keep(self._path, body)


def columns_of(sql: str) -> tuple[Column, ...]:
    """The columns that the last top-level select states, in order, each `expression::type as name,  -- meaning`.

    `[null: group]` at the end of a meaning names the column's null group; `[null]` without a group says that a column
    of an appended table may be NULL.
    """
    found = []
    for line in _last_select(sql).splitlines():
        match = _COLUMN.search(line)
        if not match:
            continue
        meaning = match["meaning"].strip()
        null = _NULL.search(meaning)
        found.append(
            Column(
                match["name"],
                re.sub(r"\s+", "", match["type"]).upper(),
                _NULL.sub("", meaning).strip().rstrip(","),
                null["group"] if null else None,
                bool(null and not null["group"]),
            )
        )
    return tuple(found)


def _last_select(sql: str) -> str:
    """The text after the last `select` that stands outside all parentheses."""
    depth, start = 0, 0
    for match in re.finditer(r"--[^\n]*|'(?:[^']|'')*'|[()]|\bselect\b", sql, re.IGNORECASE):
        token = match.group().lower()
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        elif token == "select" and depth == 0:
            start = match.end()
    return sql[start:]


def _parse(sql: str, where: str) -> Statement:
    import sqlglot
    from sqlglot import exp
    from sqlglot.dialects.duckdb import DuckDB

    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise DeclarationError(f"{where}: the query doesn't parse ({str(error).splitlines()[0]}); correct its SQL.") from error
    tables = {table.name for table in tree.find_all(exp.Table)}
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    relations = set()
    for table in tree.find_all(exp.Table):
        if table.name and table.name not in ctes:
            relations.add(table.name)
    shadowed = ctes & (tables - ctes)
    if shadowed:
        raise DeclarationError(f"{where}: the CTE {sorted(shadowed)[0]!r} has the name of a relation; rename it.")
    stream = []
    for token in DuckDB().tokenize(sql):
        is_literal = token.token_type.name in ("STRING", "IDENTIFIER")
        stream.append(token.text if is_literal else token.text.lower())
    outputs = tuple(tree.named_selects) if isinstance(tree, exp.Query) else ()
    return Statement(tuple(sorted(relations)), hashlib.sha256("\x1f".join(stream).encode()).hexdigest(), outputs)
