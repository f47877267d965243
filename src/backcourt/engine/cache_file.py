"""Files of a home's cache: they save time, and nothing is wrong without them."""

from __future__ import annotations

from pathlib import Path


def keep(path: Path, text: str) -> None:
    """Write a cache file whole or not at all; a home that can't be written keeps none."""
    unfinished = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text)
        unfinished.replace(path)
    except OSError:
        return
