"""Queries that run while their answers are not needed yet: the warehouse reads one table while the tables before it are judged."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

from backcourt.engine.warehouse import Warehouse

Answer = TypeVar("Answer")


class Ahead:
    """Asks on a connection of its own, in the order of asking; an answer is the same as if it had been asked for when it is needed.

    A context manager: what was asked and not answered by its end is dropped. Only for data that nobody writes
    meanwhile.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._direct = warehouse
        self._warehouse = warehouse.sibling()
        self._pool = ThreadPoolExecutor(1)
        self._asked: dict[str, Future[Any]] = {}

    def ask(self, key: str, query: Callable[[Warehouse], object]) -> None:
        """Begin a query as soon as those asked before are done."""
        self._asked[key] = self._pool.submit(query, self._warehouse)

    def answer(self, key: str, query: Callable[[Warehouse], Answer]) -> Answer:
        """What `query`, asked under `key`, gives; asked now and at once when it wasn't before. Raises what it raises."""
        if key not in self._asked:
            return query(self._direct)
        answer: Answer = self._asked.pop(key).result()
        return answer

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        for future in self._asked.values():
            future.cancel()
        if self._asked:
            self._warehouse.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._warehouse.close()
