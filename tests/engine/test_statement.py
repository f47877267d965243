"""The facts of a query are remembered by its text, and parsed again whenever what is remembered can't be believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backcourt.engine import cache_file
from backcourt.engine.declare import statement
from backcourt.engine.declare.statement import StatementCache
from tests.engine.damage import DAMAGES

SQL = "with own as (select * from scores) select points::integer as points,  -- points\nfrom own join games using (game_id)"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by a text whenever one is really parsed."""
    found: list[str] = []
    parse = statement._parse

    def counted(sql: str, where: str) -> statement.Statement:
        found.append(sql)
        return parse(sql, where)

    monkeypatch.setattr(statement, "_parse", counted)
    return found


def _relations(file: Path) -> tuple[str, ...]:
    cache = StatementCache(file)
    found = cache.parse(SQL, "summary.py")
    cache.save()
    return found.relations


def test_an_unchanged_text_is_parsed_once(tmp_path: Path, parsed: list[str]) -> None:
    file = tmp_path / ".cache" / "statements.json"
    assert _relations(file) == _relations(file) == ("games", "scores")
    assert parsed == [SQL]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_parsed_again(tmp_path: Path, parsed: list[str], damage: str) -> None:
    file = tmp_path / "statements.json"
    _relations(file)
    DAMAGES[damage](file)
    assert _relations(file) == _relations(file) == ("games", "scores")
    assert len(parsed) == (3 if damage == "a folder" else 2)


@pytest.mark.parametrize("older", [{"version": "3"}, {"version": 4}, {"statements": [1]}])
def test_facts_of_another_version_or_shape_are_refused(tmp_path: Path, parsed: list[str], older: dict[str, object]) -> None:
    file = tmp_path / "statements.json"
    _relations(file)
    cache_file.keep(file, {**cache_file.recall(file), **older})
    assert _relations(file) == ("games", "scores") and len(parsed) == 2


def test_a_cache_that_is_a_file_remembers_nothing(tmp_path: Path, parsed: list[str]) -> None:
    (tmp_path / ".cache").write_text("a file")
    assert _relations(tmp_path / ".cache" / "statements.json") == ("games", "scores")
    assert _relations(tmp_path / ".cache" / "statements.json") == ("games", "scores") and len(parsed) == 2
