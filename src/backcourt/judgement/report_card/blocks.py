"""A card as a sequence of headings, sentences, tables and figures: Markdown and HTML print the same blocks, so they can't disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

NONE = "-"


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True)
class Sentence:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class TableBlock:
    """Cells as they are printed."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A plot of one market's calibration; only HTML shows it. `name` is reliability, pit, correlations or coverage."""

    name: str
    market: str


Block = Heading | Sentence | TableBlock | Figure


def table(columns: Sequence[str], rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]]) -> TableBlock:
    """A table; None prints as a dash."""
    return TableBlock(tuple(columns), tuple(tuple(NONE if cell is None else str(cell) for cell in row) for row in rows))


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals, a dash for None."""
    return NONE if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 3) -> str:
    """The same with its sign."""
    return NONE if value is None else f"{value:+.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share as per cent."""
    return NONE if value is None else f"{value:.{digits}%}"


def count(value: int | None) -> str:
    """A whole number with thousands apart."""
    return NONE if value is None else f"{value:,}"


def spread(found: dict[str, Any] | None, digits: int = 3, *, share: bool = False) -> str:
    """An estimate with its interval: `-0.019 [-0.031, -0.006]`."""
    if found is None or found["estimate"] is None:
        return NONE
    form = f"+.{digits}{'%' if share else 'f'}"
    if found["low"] is None:
        return f"{found['estimate']:{form}} [no interval]"
    return f"{found['estimate']:{form}} [{found['low']:{form}}, {found['high']:{form}}]"


def difference(row: dict[str, Any], digits: int, prefix: str = "") -> str:
    """The difference of a table's row, or its interval by player."""
    if prefix:
        return NONE if row.get(f"{prefix}low") is None else f"[{row[f'{prefix}low']:+.{digits}f}, {row[f'{prefix}high']:+.{digits}f}]"
    return spread({"estimate": row["difference"], "low": row["low"], "high": row["high"]}, digits)


def digits_of(metric: str) -> int:
    """Decimals in which a metric is printed."""
    return 5 if metric in ("log_loss", "brier") else 3
