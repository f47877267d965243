"""Which feed a file belongs to, by its columns."""

from __future__ import annotations

from collections.abc import Mapping

from backcourt.engine.errors import BackcourtError
from backcourt.sources.feed import Feed


def recognise(feeds: Mapping[str, Feed], columns: list[str], source: str | None = None) -> Feed:
    """The feed of a file with these columns, or the one named `source`; without one, BackcourtError says what is lacking."""
    have = set(columns)
    known = list(feeds.values())
    if source is not None:
        named = [feed for feed in known if source in (feed.name, *feed.aliases)]
        if not named:
            raise BackcourtError(f"there is no source {source!r}; known are {', '.join(feeds)}")
        for feed in named:
            if feed.columns <= have and not feed.without & have:
                return feed
        lacking, surplus = sorted(named[0].columns - have), sorted(named[0].without & have)
        found = f"it lacks the columns {', '.join(lacking)}" if lacking else f"it has the column {', '.join(surplus)}"
        raise BackcourtError(f"{found}, so it isn't of the source {source!r}; name another one or none")
    matching = [feed for feed in known if feed.columns <= have and not feed.without & have]
    if matching:
        return max(matching, key=lambda feed: len(feed.columns))
    nearest = max(known, key=lambda feed: len(feed.columns & have) / len(feed.columns))
    lacking = sorted(nearest.columns - have)
    if not nearest.columns & have:
        raise BackcourtError(
            f"its columns ({', '.join(columns[:5])}, ...) are no known format's; `backcourt ingest` reads {', '.join(feeds)}"
        )
    raise BackcourtError(f"its columns are no known format's; the nearest, {nearest.name!r}, also needs {', '.join(lacking[:5])}")
