"""Fixture: GoogleSQL's analyser over any columns; compiled once, and kept in pytest's cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.googlesql import Analyser, Schema


@pytest.fixture(scope="session")
def analyser_of(pytestconfig: pytest.Config) -> Callable[[Schema], Analyser]:
    """An analyser of a schema; skips where the package isn't installed."""
    folder = pytestconfig.rootpath / ".pytest_cache" / "googlesql"
    return lambda columns: Analyser(columns, folder)
