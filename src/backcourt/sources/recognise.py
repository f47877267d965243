"""Which feed a file belongs to, by its columns."""

from __future__ import annotations

from collections.abc import Mapping

from backcourt.engine.errors import BackcourtError
from backcourt.sources.feed import Feed
from backcourt.sources.raw_file import shown


def recognise(feeds: Mapping[str, Feed], columns: list[str], source: str | None = None) -> Feed:
    """The feed of a file with these columns, or the one named `source`; without one, BackcourtError says what is lacking."""
    have = set(columns)
    if source is not None:
        return _named(feeds, have, source)
    matching = [feed for feed in feeds.values() if _fits(feed, have)]
    if matching:
        return max(matching, key=lambda feed: len(feed.columns))
    nearest = max(feeds.values(), key=lambda feed: _share(feed, have))
    if _share(nearest, have) <= 1 / 2:
        listed = ", ".join(shown(name) for name in columns[:5]) + (", ..." if len(columns) > 5 else "")
        known = ", ".join(feeds)
        raise BackcourtError(f"its columns ({listed}) are no known format's; `backcourt ingest` reads {known}")
    lacking = sorted(nearest.columns - have)
    raise BackcourtError(f"its columns are no known format's; the nearest, {nearest.name!r}, also needs {', '.join(lacking[:5])}")


def _named(feeds: Mapping[str, Feed], have: set[str], source: str) -> Feed:
    named = [feed for feed in feeds.values() if source in (feed.name, *feed.aliases)]
    if not named:
        raise BackcourtError(f"there is no source {source!r}; known are {', '.join(feeds)}")
    for feed in named:
        if _fits(feed, have):
            return feed
    lacking, surplus = sorted(named[0].columns - have), sorted(named[0].without & have)
    found = f"it lacks the columns {', '.join(lacking)}" if lacking else f"it has the column {', '.join(surplus)}"
    raise BackcourtError(f"{found}, so it isn't of the source {source!r}; name another one or none")


def _fits(feed: Feed, have: set[str]) -> bool:
    return feed.columns <= have and not feed.without & have


def _share(feed: Feed, have: set[str]) -> float:
    """How many of the feed's columns are there; none of one that is told by a column's absence which is there."""
    return 0 if feed.without & have else len(feed.columns & have) / len(feed.columns)
