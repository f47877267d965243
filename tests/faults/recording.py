"""Writes down every statement that crosses the protocol of a warehouse, who sent it, and what its relations were."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse

_SENDING = ("query", "arrays", "arrow", "df", "copy", "stage", "describe")
_OWN = ("align", "extend", "define_view", "view_tag", "comment", "comments", "columns", "insert", "drop_stage")
_HASHES = ("content_hash", "key_hash", "text_hash")
_ANY_HASH = {"content_hash": "cast(count(*) as varchar)", "key_hash": "cast(count(*) as varchar)", "text_hash": "'a hash'"}
"""What stands in a recorded statement in place of a hash, which each warehouse words itself."""
_DDL = re.compile(r"\s*(create|alter|drop|comment)\b(?! or replace temp| temp| table if exists temp)", re.IGNORECASE)

Relation = tuple[str, tuple[tuple[str, str], ...]]
"""A name and its (column, type) pairs."""


@dataclass(frozen=True)
class Sent:
    """A statement, the module that sent it, and the stages and frames that it names, as they were then."""

    sql: str
    module: str
    stages: tuple[Relation, ...]
    in_transaction: bool

    @property
    def is_ddl_in_a_transaction(self) -> bool:
        """Would another warehouse refuse it for where it was sent? Of relations that only a connection sees it wouldn't."""
        return self.in_transaction and _DDL.match(self.sql) is not None


@dataclass
class Recording:
    """What was sent, each statement once; the columns of stages and frames, and of what the warehouse stored in the end."""

    sent: dict[Sent, None] = field(default_factory=dict)
    stages: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    stored: dict[str, dict[str, str]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    own: threading.local = field(default_factory=threading.local)
    """Per thread, how many calls of a warehouse's own are under way: what they say to it doesn't cross."""
    transactions: set[int] = field(default_factory=set)

    def note(self, warehouse: DuckDBWarehouse, sql: str) -> None:
        """Write a statement down."""
        for text in sorted(self.hashes, key=len, reverse=True):
            sql = sql.replace(text, self.hashes[text])
        named = tuple((name, columns) for name, columns in self.stages.items() if name in sql)
        self.sent[Sent(sql, _sender(), named, id(warehouse) in self.transactions)] = None

    @contextmanager
    def inside(self) -> Iterator[None]:
        """While a warehouse words something itself."""
        self.own.depth = getattr(self.own, "depth", 0) + 1
        try:
            yield
        finally:
            self.own.depth -= 1

    @property
    def is_crossing(self) -> bool:
        """Does what is sent now come from outside?"""
        return getattr(self.own, "depth", 0) == 0

    def learn(self, warehouse: DuckDBWarehouse, name: str) -> None:
        """Know a stage's columns."""
        with self.inside():
            self.stages[name] = tuple(warehouse.describe(f"select * from {name}"))


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Record what is sent to embedded warehouses by this process."""
    recording = Recording()
    with monkeypatch.context() as patched:
        for name in _SENDING:
            patched.setattr(DuckDBWarehouse, name, _sending(recording, name))
        for name in _OWN:
            patched.setattr(DuckDBWarehouse, name, _own(recording, name))
        for name in _HASHES:
            patched.setattr(DuckDBWarehouse, name, _hashing(recording, name))
        patched.setattr(DuckDBWarehouse, "transaction", _transaction(recording))
        patched.setattr(DuckDBWarehouse, "registered", _registered(recording))
        yield recording


def _sending(recording: Recording, name: str) -> Callable[..., Any]:
    plain = getattr(DuckDBWarehouse, name)

    def call(self: DuckDBWarehouse, *given: Any, **named: Any) -> Any:
        if recording.is_crossing:
            recording.note(self, given[1] if name == "stage" else given[0])
        with recording.inside():
            answer = plain(self, *given, **named)
        if name == "stage":
            recording.learn(self, given[0])
        return answer

    return call


def _own(recording: Recording, name: str) -> Callable[..., Any]:
    plain = getattr(DuckDBWarehouse, name)

    def call(self: DuckDBWarehouse, *given: Any, **named: Any) -> Any:
        if name in ("align", "extend", "define_view") and recording.is_crossing:
            # Whatever it has to say, it is DDL.
            recording.note(self, f"alter table {given[0]}")
        with recording.inside():
            return plain(self, *given, **named)

    return call


def _hashing(recording: Recording, name: str) -> Callable[..., Any]:
    plain = getattr(DuckDBWarehouse, name)

    def call(self: DuckDBWarehouse, *given: Any) -> Any:
        text = plain(self, *given)
        recording.hashes[text] = _ANY_HASH[name]
        return text

    return call


def _transaction(recording: Recording) -> Callable[..., Any]:
    plain = DuckDBWarehouse.transaction

    @contextmanager
    def call(self: DuckDBWarehouse) -> Iterator[None]:
        entered = plain(self)
        with recording.inside():
            entered.__enter__()
        recording.transactions.add(id(self))
        try:
            yield
        except BaseException as error:
            recording.transactions.discard(id(self))
            with recording.inside():
                entered.__exit__(type(error), error, error.__traceback__)
            raise
        recording.transactions.discard(id(self))
        with recording.inside():
            entered.__exit__(None, None, None)

    return call


def _registered(recording: Recording) -> Callable[..., Any]:
    plain = DuckDBWarehouse.registered

    @contextmanager
    def call(self: DuckDBWarehouse, name: str, columns: Any) -> Iterator[None]:
        with plain(self, name, columns):
            recording.learn(self, name)
            yield

    return call


def _sender() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("backcourt.") and not module.startswith("backcourt.warehouses"):
            return module
        frame = frame.f_back
    return "?"
